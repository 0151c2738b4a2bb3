/* Which nodes and links are drawn: the largest by value, the rest gathered into one node, or agents by sector.
   A household is two nodes, what it sells at the left and what it buys at the right: that opens the income loop.
   Many outside markets are drawn as one that supplies and one that demands. */

const OUTSIDE = 6; // more outside markets than this are drawn as one for each side
const pinned = new Set();

/** Sectors, those that were opened, and the sector of each good: that of the firm that sells most of it. */
const GROUPS = [...new Set(DATA.agents.map((agent) => agent.group).filter(Boolean))], opened = new Set();
const groupOfGood = byGood.map((links) => {
  const sellers = links.filter((k) => DATA.flows.sells[k]).sort((a, b) => valueOf(b) - valueOf(a));
  return sellers.length ? DATA.agents[DATA.flows.agent[sellers[0]]].group : "";
});

const isGood = (one) => one.kind === "good" || one.kind === "goods";

/** The mean (geometric, by value) over the products of a sector of what `of` says of a good. */
function meanOf(one, of) {
  const members = groupOfGood.map((_, g) => g).filter((g) => groupOfGood[g] === one.group && of(g) > 0);
  const weight = members.map((g) => d3.sum(byGood[g], valueOf)), total = d3.sum(weight);
  return total > 0 ? Math.exp(d3.sum(members.map((g, i) => (weight[i] / total) * Math.log(of(g))))) : null;
}

/** The price of a good, or the mean price of the products of a sector. */
const priceOfNode = (one) => (one.kind === "good" ? priceOf(one.i) : meanOf(one, priceOf));

/** The colour of a good, or that of the mean of the products of a sector. */
function colourOfNode(one) {
  if (one.kind === "good") return colourOf(one.i);
  if (!MOVED) return priceColour(priceOfNode(one));
  const mean = meanOf(one, (g) => (MOVED[g] == null ? 0 : 1 + MOVED[g]));
  return changeColour(mean == null ? null : mean - 1);
}

function buildGraph() {
  const agentSize = DATA.agents.map((_, a) => d3.sum(byAgent[a], valueOf));
  const goodSize = DATA.goods.map((_, g) => d3.sum(byGood[g], valueOf));
  const chosen = largest(agentSize, "agent"), bought = largest(goodSize, "good");
  const groups = state.gather ? new Set(GROUPS) : new Set();
  const nodes = new Map(), links = new Map();
  const seen = { rest: 0, total: 0, agents: new Set(), goods: new Set() };

  const node = (id, make) => {
    if (!nodes.has(id)) nodes.set(id, { id, ...make(), in: 0, out: 0 });
    return nodes.get(id);
  };
  const markets = DATA.agents.filter((agent) => agent.kind === "outside").length;
  const outsideNode = (a, sells) => {
    const side = sells ? "outside supply" : "outside demand";
    if (markets <= OUTSIDE || pinned.has(`agent${a}`)) return node(`a${a}`, () => ({ kind: "outside", name: DATA.agents[a].name, short: side, i: a, sells }));
    return node(side, () => ({ kind: "outside", name: side, sells }));
  };
  const agentNode = (a, sells) => {
    const agent = DATA.agents[a];
    if (groups.has(agent.group) && !opened.has(agent.group) && !pinned.has(`agent${a}`))
      return node(`group ${agent.group}`, () => ({ kind: "group", name: agent.group, group: agent.group }));
    if (!chosen.has(a) && agent.kind !== "outside") {
      seen.agents.add(a);
      return restNode();
    }
    if (agent.kind === "outside") return outsideNode(a, sells);
    if (agent.kind !== "household") return node(`a${a}`, () => ({ kind: agent.kind, name: agent.name, i: a }));
    return node(`a${a}${sells ? "s" : "b"}`, () => ({ kind: "household", name: agent.name, i: a, sells }));
  };
  const restNode = () => node("rest", () => ({ kind: "rest", name: "the rest" }));
  const goodNode = (g) => {
    const sector = state.gather && !pinned.has(`good${g}`) ? groupOfGood[g] : "";
    if (sector && !opened.has(sector)) return node(`goods ${sector}`, () => ({ kind: "goods", name: `products of ${sector}`, short: sector, group: sector }));
    if (bought.has(g)) return node(`g${g}`, () => ({ kind: "good", name: DATA.goods[g].name, i: g }));
    seen.goods.add(g);
    return restNode();
  };

  DATA.flows.agent.forEach((a, k) => {
    const value = valueOf(k), sells = DATA.flows.sells[k];
    if (!(value > 0)) return;
    seen.total += value;
    const agent = agentNode(a, sells), good = goodNode(DATA.flows.good[k]);
    if (agent === good) { seen.rest += value; return; }
    const [from, to] = sells ? [agent, good] : [good, agent];
    const id = `${from.id}>${to.id}`;
    if (!links.has(id)) links.set(id, { id, from, to, value: 0, flows: [], good: DATA.flows.good[k] });
    const link = links.get(id);
    link.value += value;
    link.flows.push(k);
  });
  const kept = [...links.values()].filter((link) => link.value > 1e-12 * seen.total);
  for (const link of kept) { link.from.out += link.value; link.to.in += link.value; }
  const drawn = [...nodes.values()].filter((one) => one.in + one.out > 0);
  const rest = nodes.get("rest");
  if (rest) rest.name = `the rest: ${smaller(seen, "").join(", ")}`;
  return { nodes: drawn, links: kept, hidden: hiddenText(seen) };
}

/** Give the links and nodes the values of the round that is shown; which are drawn, and where, stays. */
function revalue(graph) {
  for (const one of graph.nodes) one.in = one.out = 0;
  for (const link of graph.links) {
    link.value = d3.sum(link.flows, valueNow);
    link.from.out += link.value;
    link.to.in += link.value;
  }
}

/** The numbers of the `state.top` largest, and those a search or click asked for. */
function largest(sizes, kind) {
  const order = sizes.map((_, i) => i).sort((i, j) => sizes[j] - sizes[i]).slice(0, state.top);
  const asked = sizes.map((_, i) => i).filter((i) => pinned.has(`${kind}${i}`));
  return new Set([...order, ...asked]);
}

/** How many agents and goods are gathered as the rest, in words. */
const smaller = (seen, word) => [[seen.agents.size, "agent"], [seen.goods.size, "good"]]
  .filter(([count]) => count).map(([count, kind]) => plural(count, word + kind));

function hiddenText(seen) {
  const closed = state.gather ? DATA.agents.filter((agent, a) => agent.group && agent.kind === "firm" && !pinned.has(`agent${a}`)) : [];
  const gathered = closed.length
    ? `${plural(closed.length, "firm")} and what they make are gathered in ${plural(new Set(closed.map((one) => one.group)).size, "sector")}; click one to open it. ` : "";
  if (!seen.agents.size && !seen.goods.size) return gathered.trim() || "Everything is shown.";
  const within = seen.total ? seen.rest / seen.total : 0;
  return `${gathered}Gathered as “the rest”: ${smaller(seen, "smaller ").join(" and ")}; ${d3.format(".1~%")(within)} of all value ` +
    "changes hands inside the rest and is not drawn.";
}

/** Loops in words; beyond the largest they are seen when one points at an end of theirs. */
function loopText(graph) {
  const loops = graph.links.filter((link) => link.back), faint = loops.filter((link) => link.faint);
  if (!loops.length) return "";
  return ` What runs against the flow is drawn as loops below it${faint.length
    ? `: the ${loops.length - faint.length} largest of ${loops.length}; the others show when you point at where they begin or end` : ""}.`;
}
