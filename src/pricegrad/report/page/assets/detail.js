/* The panel beside the picture: what the selected good or agent is, why its price is what it is, and the way on. */

function drawDetail() {
  const panel = document.getElementById("detail"), one = state.selected;
  panel.classList.toggle("idle", !one);
  if (!one) {
    fill(panel, el("h2", { id: "detail-title" }, "Explain"),
      el("p", { class: "quiet" }, "Choose a good or a firm in the picture, in the ladder or by the search: this panel says why it is worth what it is, and leads upstream and downstream."),
      ...beginnings());
    return;
  }
  fill(panel, ...(one.kind === "good" ? goodDetail(one.i) : agentDetail(one.i)),
    el("p", {}, el("button", { type: "button", class: "plain", onclick: () => choose(null) }, "Clear the choice")));
}

/** Where to begin: the goods of which most is traded, the firms that earn and lose most. */
function beginnings() {
  const goods = largestFirst(DATA.goods.map((_, g) => d3.sum(byGood[g], valueOf))).slice(0, 5);
  const profits = DATA.agents.map((agent) => Math.abs(agent.profit ?? 0)), turnover = d3.sum(DATA.flows.agent, (_, k) => valueOf(k));
  const firms = largestFirst(profits).filter((a) => profits[a] > 1e-9 * turnover).slice(0, 5);
  const way = (kind) => (i) => el("li", {}, go({ kind, i }, nameOf({ kind, i })),
    ` ${kind === "good" ? show(priceOf(i)) : show(DATA.agents[i].profit)}`);
  const part = (title, list, kind) => (list.length ? [el("h3", {}, title), el("ul", { class: "begin" }, ...list.map(way(kind)))] : []);
  return [...part("Most traded, at its price", goods, "good"), ...part("Largest profits and losses", firms, "agent")];
}

const largestFirst = (sizes) => sizes.map((_, i) => i).filter((i) => sizes[i] > 0).sort((i, j) => sizes[j] - sizes[i]);

function goodDetail(g) {
  const good = DATA.goods[g];
  const sold = byGood[g].filter((k) => DATA.flows.sells[k]), bought = byGood[g].filter((k) => !DATA.flows.sells[k]);
  return [
    el("h2", { id: "detail-title" }, good.name),
    facts([["price", show(priceOf(g))], ["quantity", show(quantityOf(g))], ["value", product(priceOf(g), quantityOf(g))]]),
    ...(good.why.length ? [el("h3", {}, DATA.path ? "Why this price, at the equilibrium" : "Why this price"), el("ol", { class: "why" }, ...good.why.map(step))] : []),
    ...(!good.why.length && DATA.goods.some((one) => one.why.length) ? [el("p", { class: "quiet" }, "Why this price: left out here, where only the most traded goods are explained. The command `pricegrad explain` tells it.")] : []),
    ...links("Made or brought in by (upstream)", sold, "agent"),
    ...links("Used by (downstream)", bought, "agent"),
  ];
}

function agentDetail(a) {
  const agent = DATA.agents[a];
  const sells = byAgent[a].filter((k) => DATA.flows.sells[k]), buys = byAgent[a].filter((k) => !DATA.flows.sells[k]);
  const rows = [["activity", agent.activity], ["revenue", agent.revenue], ["cost", agent.cost], ["profit", agent.profit]];
  if (DATA.path) {
    const traded = (links) => d3.sum(links, valueNow);
    const [revenue, cost] = [traded(sells), traded(buys)];
    if (agent.kind === "firm") rows.splice(0, 4, ["revenue", revenue], ["cost", cost], ["profit", revenue - cost]);
  }
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
  const marginal = !DATA.path && sorted.some((k) => DATA.flows.marginal[k] != null);
  const head = [other, "quantity", "pays or gets", ...(marginal ? ["worth to it"] : [])];
  const row = (k) => {
    const i = DATA.flows[other][k], one = { kind: other, i };
    return el("tr", {}, el("th", { scope: "row" }, go(one, nameOf(one))),
      ...[amountOf(k), paidOn(k), ...(marginal ? [DATA.flows.marginal[k]] : [])].map((x) => el("td", {}, show(x))));
  };
  return [
    el("h3", {}, title),
    el("table", {}, el("thead", {}, el("tr", {}, ...head.map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, ...sorted.slice(0, most).map(row))),
    ...(sorted.length > most ? [el("p", { class: "quiet" }, `and ${plural(sorted.length - most, "smaller link")}, in the table of links`)] : []),
  ];
}

onChange((keys) => {
  if (keys.includes("selected") || keys.includes("frame")) drawDetail();
});
