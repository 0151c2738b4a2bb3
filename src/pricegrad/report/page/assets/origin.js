/* Where value comes from: what is bought in the end is worth what was earned on the way to it, by those who own land
   and labour, by suppliers outside, and as profit. One bar, and the same in words. */

const PARTS = 6, LEAST_PART = 0.0005;

/** Shares of what is bought in the end: each good that is brought in from outside the firms, profit, taxes. */
function origins() {
  const final = (k) => ["household", "outside"].includes(DATA.agents[DATA.flows.agent[k]].kind);
  const value = (k) => DATA.flows.quantity[k] * (DATA.flows.price[k] ?? 0), sells = (k) => DATA.flows.sells[k];
  const links = DATA.flows.agent.map((_, k) => k), bought = d3.sum(links.filter((k) => final(k) && !sells(k)), value);
  const brought = d3.rollups(links.filter((k) => final(k) && sells(k)), (some) => d3.sum(some, value), (k) => DATA.flows.good[k]);
  const goods = brought.map(([g, earned]) => ({ name: DATA.goods[g].name, share: earned / bought, colour: () => colourOf(g), g }));
  const profit = d3.sum(DATA.agents, (agent) => agent.profit ?? 0) / bought;
  const wedge = 1 - d3.sum(goods, (one) => one.share) - profit;
  const parts = [...goods, { name: "profit of firms", share: profit, colour: () => "var(--firm)" }, { name: "taxes and other wedges", share: wedge, colour: () => "var(--nothing)" }];
  const told = parts.filter((one) => Math.abs(one.share) > LEAST_PART).sort((a, b) => b.share - a.share);
  return bought > 0 && told.every((one) => one.share > 0) ? told : []; // a plan with losses has no such shares
}

function originParts() {
  const all = ["trajectory", "trade"].includes(DATA.kind) || !valued ? [] : origins();
  if (!all.length) return [];
  const shown = all.length > PARTS ? all.slice(0, PARTS - 1) : all, rest = all.slice(shown.length);
  if (rest.length) shown.push({ name: plural(rest.length, "other"), share: d3.sum(rest, (one) => one.share), colour: () => "var(--nothing)" });
  const bar = el("div", { class: "origin", "aria-hidden": "true" }, ...shown.map(() => el("i")));
  shown.forEach((one, i) => { bar.children[i].style.flex = `${one.share} 0 2px`; });
  const name = (one) => (one.g === undefined ? one.name : go({ kind: "good", i: one.g }, one.name));
  onChange((keys) => { if (keys.includes("theme")) paintOrigin(bar, shown); });
  paintOrigin(bar, shown);
  return [
    el("h3", {}, "Where value comes from"),
    el("p", { class: "quiet" }, "Of each 100 that buyers spend in the end, so much goes to:"), bar,
    el("ul", { class: "origin-names" }, ...shown.map((one) => el("li", {}, name(one), ` ${d3.format(".1f")(100 * one.share)}`))),
  ];
}

const paintOrigin = (bar, parts) => parts.forEach((one, i) => { bar.children[i].style.background = one.colour(); });
