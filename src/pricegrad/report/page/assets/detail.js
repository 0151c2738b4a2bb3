/* The panel beside the picture: what the selected good or agent is, why its price is what it is, and the way on. */

function drawDetail() {
  const panel = document.getElementById("detail"), one = state.selected;
  if (!one) {
    fill(panel, el("h2", { id: "detail-title" }, "Explain"),
      el("p", { class: "quiet" }, "Choose a good or a firm in the picture, in the ladder or by the search: this panel says why it is worth what it is, and leads upstream and downstream."));
    return;
  }
  fill(panel, ...(one.kind === "good" ? goodDetail(one.i) : agentDetail(one.i)),
    el("p", {}, el("button", { type: "button", class: "plain", onclick: () => choose(null) }, "Clear the choice")));
}

function goodDetail(g) {
  const good = DATA.goods[g];
  const sold = byGood[g].filter((k) => DATA.flows.sells[k]), bought = byGood[g].filter((k) => !DATA.flows.sells[k]);
  return [
    el("h2", { id: "detail-title" }, good.name),
    facts([["price", show(priceOf(g))], ["quantity", show(quantityOf(g))], ["value", product(priceOf(g), quantityOf(g))]]),
    ...(good.why.length ? [el("h3", {}, "Why this price"), el("ol", { class: "why" }, ...good.why.map(step))] : []),
    ...links("Made or brought in by (upstream)", sold, "agent"),
    ...links("Used by (downstream)", bought, "agent"),
  ];
}

function agentDetail(a) {
  const agent = DATA.agents[a];
  const sells = byAgent[a].filter((k) => DATA.flows.sells[k]), buys = byAgent[a].filter((k) => !DATA.flows.sells[k]);
  const rows = [["activity", agent.activity], ["revenue", agent.revenue], ["cost", agent.cost], ["profit", agent.profit]];
  return [
    el("h2", { id: "detail-title" }, agent.name, " ", el("small", {}, agent.group ? `${agent.kind}, ${agent.group}` : agent.kind)),
    facts(rows.filter(([, value]) => value != null).map(([name, value]) => [name, show(value)])),
    ...links("Buys (upstream)", buys, "good"),
    ...links("Sells (downstream)", sells, "good"),
  ];
}

const product = (price, quantity) => (price == null || quantity == null ? "–" : show(price * quantity));

function facts(rows) {
  return el("dl", { class: "facts" }, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function step(one) {
  const to = one.to == null ? -1 : DATA.goods.findIndex((good) => good.name === one.to);
  return el("li", {},
    el("p", {}, one.text),
    one.formula ? el("p", { class: "formula" }, one.formula) : null,
    one.code ? el("pre", {}, one.code) : null,
    one.where ? el("p", { class: "quiet" }, one.where) : null,
    to >= 0 ? go({ kind: "good", i: to }, `→ why ${one.to} is worth that`) : null);
}

const go = (one, text) => el("button", { type: "button", class: "go", onclick: () => choose(one) }, text);

/** The dozen largest links of one side, each a way on. */
function links(title, flows, other) {
  if (!flows.length) return [];
  const sorted = [...flows].sort((a, b) => valueOf(b) - valueOf(a)), most = 12;
  const marginal = sorted.some((k) => DATA.flows.marginal[k] != null);
  const head = [other, "quantity", "pays or gets", ...(marginal ? ["worth to it"] : [])];
  const row = (k) => {
    const i = DATA.flows[other][k], one = { kind: other, i };
    return el("tr", {}, el("th", { scope: "row" }, go(one, nameOf(one))),
      ...[DATA.flows.quantity[k], DATA.flows.price[k], ...(marginal ? [DATA.flows.marginal[k]] : [])].map((x) => el("td", {}, show(x))));
  };
  return [
    el("h3", {}, title),
    el("table", {}, el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, ...sorted.slice(0, most).map(row))),
    ...(sorted.length > most ? [el("p", { class: "quiet" }, `and ${plural(sorted.length - most, "smaller link")}, in the table of links`)] : []),
  ];
}

onChange((keys) => {
  if (keys.includes("selected") || (keys.includes("frame") && state.selected)) drawDetail();
});
