/* The picture: goods as bars coloured by price, agents as grey bars, value as ribbons. Hover tells, click explains. */

let graph = null;

function drawFlow() {
  const section = document.getElementById("flow");
  fill(section,
    el("h2", { id: "flow-title" }, "The flow of value"),
    el("p", { class: "lead" }, valued
      ? `Ribbons are as wide as the value that changes hands${DATA.path ? " in the round of the slider" : ""}; goods are coloured by ${MOVED ? "how far their price moved" : "their price"}.`
      : "No prices yet: ribbons are as wide as quantities."),
    ...originParts(),
    flowControls(),
    el("div", { class: "canvas", tabindex: -1 }),
    el("p", { class: "quiet hint", hidden: true }, "The picture is wider than the screen: slide it sideways."),
    legend(),
    el("p", { class: "hidden-note", id: "hidden-note" }),
  );
  redraw();
}

function flowControls() {
  const most = Math.max(DATA.agents.length, DATA.goods.length);
  const sizes = [12, 24, 48, 96, 192].filter((n) => n < most);
  const options = sizes.map((n) => el("option", { value: n, selected: n === state.top }, `the ${n} largest`));
  if (most <= 400) options.push(el("option", { value: most, selected: state.top >= most }, "everything"));
  const find = el("input", {
    type: "search", id: "search", list: "names", placeholder: "a good or a firm", autocomplete: "off",
    "aria-describedby": "search-said", onchange: (event) => search(event.target.value),
    onkeydown: (event) => { if (event.key === "Enter") search(event.target.value); },
  });
  const names = el("datalist", { id: "names" }, ...NAMES.slice(0, 4000).map((one) => el("option", { value: one.name })));
  return el("div", { class: "controls" },
    el("label", {}, "Find ", find), names, el("span", { id: "search-said", role: "status" }),
    sizes.length ? el("label", {}, "Show ", el("select", { id: "top", onchange: (event) => change({ top: +event.target.value }) }, ...options)) : null,
    GROUPS.length > 1 ? el("label", {}, el("input", { type: "checkbox", id: "gather", checked: state.gather, onchange: (event) => gather(event.target.checked) }), " by sector") : null,
  );
}

/** Draw sectors closed, or firms one by one. */
function gather(on) {
  opened.clear();
  pinned.clear();
  change({ gather: on });
}

/** Select what is called `text`: exactly, else the only name that contains it; say so when there is none. */
function search(text) {
  const wanted = text.trim().toLowerCase();
  const said = document.getElementById("search-said");
  said.textContent = "";
  if (!wanted) return;
  const near = NAMES.filter((one) => one.name.toLowerCase().includes(wanted));
  const found = near.find((one) => one.name.toLowerCase() === wanted) ?? (near.length === 1 ? near[0] : null);
  if (found) choose(found);
  else said.textContent = near.length ? `${near.length} names: ${list(near.map((one) => one.name))}` : "no such name";
}

/** Select a good or an agent, and make sure it is drawn. */
function choose(one) {
  if (one) pinned.add(`${one.kind === "good" ? "good" : "agent"}${one.i}`);
  change({ selected: one });
}

let size = null;

/** Choose what is drawn and where it stands, and draw it. */
function redraw() {
  const canvas = document.querySelector("#flow .canvas");
  if (!DATA.flows.agent.length) {
    fill(canvas, el("p", {}, "Who trades with whom is not known here."));
    return;
  }
  graph = buildGraph();
  size = layOut(graph, Math.max(520, canvas.clientWidth));
  document.getElementById("hidden-note").textContent = graph.hidden + loopText(graph);
  if (state.frame != null) moveTo(graph, size);
  drawNetwork(canvas);
}

/** The nodes and ribbons as they now stand. */
function drawNetwork(canvas) {
  const focused = document.activeElement?.closest?.("#flow .node")?.dataset.id;
  const svg = d3.select(canvas).selectAll("svg").data([0]).join("svg")
    .attr("viewBox", `0 0 ${size.width} ${size.bottom}`).attr("width", size.width).attr("height", size.bottom)
    .attr("role", "group").attr("aria-label", `Network of ${graph.nodes.length} nodes. Arrow keys move, Enter explains. The tables below hold the same numbers.`);
  svg.selectAll("*").remove();
  svg.append("g").attr("class", "links").selectAll("path").data(graph.links).join("path").classed("loop", (link) => link.back).classed("faint", (link) => link.faint)
    .call(shape)
    .on("pointermove", (event, link) => tip(event, linkText(link))).on("pointerleave", untip)
    .on("click", (_, link) => choose(selectable(link.from.kind === "good" ? link.from : link.to)));
  const nodes = svg.append("g").selectAll("g").data(graph.nodes).join("g")
    .attr("class", (one) => `node ${one.kind}`).attr("data-id", (one) => one.id)
    .attr("role", "button").attr("tabindex", (_, i) => (i ? -1 : 0)).attr("aria-label", (one) => nodeText(one).join(", "))
    .on("pointermove", (event, one) => { tip(event, nodeText(one)); trace(one); })
    .on("pointerleave", () => { untip(); trace(null); })
    .on("focus", (_, one) => trace(one)).on("blur", () => trace(null))
    .on("click", (_, one) => enter(one)).on("keydown", walk);
  nodes.append("rect").attr("rx", 2).call(stand);
  label(nodes, size);
  paint();
  document.querySelector("#flow .hint").hidden = canvas.scrollWidth <= canvas.clientWidth + 1;
  if (focused) svg.select(`[data-id="${CSS.escape(focused)}"]`).node()?.focus();
}

const shape = (paths) => paths.attr("d", (link) => link.path)
  .attr("stroke-width", (link) => (link.value > 0 ? Math.max(0.75, link.w) : 0));
const stand = (bars) => bars.attr("x", (one) => one.x0).attr("y", (one) => one.y0).attr("width", (one) => one.x1 - one.x0)
  .attr("height", (one) => Math.max(1.5, one.y1 - one.y0));

/** The picture of another round: the same nodes and ribbons, as wide as what was traded in it. */
function turn() {
  if (!graph) return;
  if (state.frame == null) { redraw(); return; }
  moveTo(graph, size);
  const svg = d3.select("#flow .canvas svg").attr("viewBox", `0 0 ${size.width} ${size.bottom}`).attr("height", size.bottom);
  svg.selectAll(".links path").call(shape);
  svg.selectAll(".node rect").call(stand);
  svg.selectAll(".node text").remove();
  label(svg.selectAll(".node"), size);
  paint();
}

/** Names above or beside the bars, left out where they would run into each other; tips and tables have them all. */
function label(nodes, size) {
  const taken = [];
  const clear = (one) => {
    const y = (one.y0 + one.y1) / 2, near = taken.some((t) => t.column === one.column && Math.abs(t.y - y) < 11.5);
    if (!near) taken.push({ column: one.column, y });
    return !near;
  };
  const shown = new Set([...graph.nodes].sort((a, b) => b.y1 - b.y0 - (a.y1 - a.y0)).filter(clear));
  const texts = nodes.filter((one) => shown.has(one)).append("text");
  const first = (one) => one.column === 0, last = (one) => one.column === size.columns - 1;
  if (size.above)
    texts.attr("x", (one) => one.x0).attr("y", (one) => one.y0 - 5)
      .text((one) => shorten(one.short ?? one.name, last(one) ? size.side : size.apart - 4));
  else
    texts.attr("x", (one) => (first(one) ? one.x0 - 5 : one.x1 + 5)).attr("y", (one) => (one.y0 + one.y1) / 2).attr("dy", "0.35em")
      .attr("text-anchor", (one) => (first(one) ? "end" : "start"))
      .text((one) => shorten(one.short ?? one.name, first(one) || last(one) ? size.side - 6 : size.apart - 24));
}

const shorten = (name, room) => {
  const most = Math.max(4, Math.floor(room / 6.4));
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
};

const selectable = (one) =>
  one.i === undefined ? null : { kind: one.kind === "good" ? "good" : "agent", i: one.i };

/** Choosing a sector opens it: its firms are drawn one by one. */
function enter(one) {
  if (!one.group) { choose(selectable(one)); return; }
  opened.add(one.group);
  DATA.agents.forEach((agent, a) => { if (agent.group === one.group) pinned.add(`agent${a}`); });
  groupOfGood.forEach((group, g) => { if (group === one.group) pinned.add(`good${g}`); });
  change({ selected: null });
}

function nodeText(one) {
  if (one.kind === "good") {
    const good = DATA.goods[one.i];
    return [good.name, `price ${show(priceOf(one.i))}`, `quantity ${show(quantityOf(one.i))}`, `value ${show(Math.max(one.in, one.out))}`];
  }
  if (one.kind === "goods") return [one.name, `mean price ${show(priceOfNode(one))}`, `value ${show(Math.max(one.in, one.out))}`, "click to open"];
  if (one.group) return [one.name, `buys ${show(one.in)}`, `sells ${show(one.out)}`, "click to open"];
  if (one.i === undefined) return [one.name, `buys ${show(one.in)}`, `sells ${show(one.out)}`];
  const agent = DATA.agents[one.i];
  if (agent.kind !== "firm") return [`${agent.name} ${one.sells ? "sells" : "buys"}`, `value ${show(one.in + one.out)}`];
  const { revenue, cost, profit } = state.frame == null ? agent : { revenue: one.out, cost: one.in, profit: one.out - one.in };
  return [agent.name, `revenue ${show(revenue)}`, `cost ${show(cost)}`, `profit ${show(profit)}`];
}

function linkText(link) {
  const lines = [`${link.from.name} → ${link.to.name}`, `value ${show(link.value)}`];
  if (link.flows.length > 1) return [...lines, plural(link.flows.length, "link")];
  const [k] = link.flows, flows = DATA.flows;
  lines.push(`quantity ${show(amountOf(k))}`, `price ${show(paidOn(k))}`);
  if (state.frame == null && flows.marginal[k] != null) lines.push(`marginal value ${show(flows.marginal[k])}`);
  return lines;
}

/** Colours, and what is bright: the selection with its upstream and downstream, or all. */
function paint() {
  const svg = d3.select("#flow svg");
  if (svg.empty()) return;
  svg.selectAll(".node.good rect, .node.goods rect").style("fill", (one) => colourOfNode(one));
  svg.selectAll(".links path").style("stroke", (link) => {
    const good = isGood(link.from) ? link.from : link.to;
    return isGood(good) ? colourOfNode(good) : "var(--nothing)";
  });
  svg.selectAll(".node").attr("aria-label", (one) => nodeText(one).join(", "))
    .attr("aria-pressed", (one) => Boolean(same(selectable(one), state.selected)));
  bright(graph.nodes.filter((one) => same(selectable(one), state.selected)));
}

/** Hovering or focusing a node lights its own links; leaving it brings the selection back. */
function trace(one) {
  if (one) light(new Set(graph.links.filter((link) => link.from === one || link.to === one)), new Set(), [one]);
  else bright(graph.nodes.filter((node) => same(selectable(node), state.selected)));
}

function bright(chosen) {
  if (!chosen.length) return light(null, null, []);
  const up = reach(chosen, (link) => link.to, (link) => link.from);
  const down = reach(chosen, (link) => link.from, (link) => link.to);
  const near = graph.links.filter((link) => chosen.includes(link.from) || chosen.includes(link.to));
  return light(new Set(near), new Set([...up, ...down]), chosen);
}

/** Links on any way along the flow (loops left out) from or to the chosen nodes. */
function reach(chosen, near, far) {
  const found = new Set(), seen = new Set(chosen), stack = [...chosen];
  while (stack.length) {
    const at = stack.pop();
    for (const link of graph.links) {
      if (link.back || near(link) !== at) continue;
      found.add(link);
      if (!seen.has(far(link))) { seen.add(far(link)); stack.push(far(link)); }
    }
  }
  return found;
}

function light(near, further, chosen) {
  const touched = new Set(chosen);
  for (const link of near ?? []) { touched.add(link.from); touched.add(link.to); }
  for (const link of further ?? []) { touched.add(link.from); touched.add(link.to); }
  const svg = d3.select("#flow svg");
  svg.selectAll(".links path").attr("data-light", (link) => (!near ? "all" : near.has(link) ? "near" : further.has(link) ? "far" : "off"));
  svg.selectAll(".node").attr("data-light", (one) => (!near || touched.has(one) ? "all" : "off"))
    .classed("chosen", (one) => chosen.includes(one));
}

/** Arrow keys: left and right along the flow to the widest link, up and down within the column. */
function walk(event, one) {
  if (event.key === "Enter" || event.key === " ") { event.preventDefault(); enter(one); return; }
  if (event.key === "Escape") { choose(null); return; }
  const widest = (links, end) => links.reduce((best, link) => (!best || link.value > best.value ? link : best), null)?.[end];
  const column = graph.nodes.filter((other) => other.column === one.column).sort((a, b) => a.y0 - b.y0);
  const step = {
    ArrowRight: () => widest(graph.links.filter((link) => link.from === one), "to"),
    ArrowLeft: () => widest(graph.links.filter((link) => link.to === one), "from"),
    ArrowDown: () => column[column.indexOf(one) + 1],
    ArrowUp: () => column[column.indexOf(one) - 1],
  }[event.key];
  if (!step) return;
  event.preventDefault();
  const to = step();
  if (!to) return;
  d3.selectAll("#flow .node").attr("tabindex", (other) => (other === to ? 0 : -1));
  document.querySelector(`#flow [data-id="${CSS.escape(to.id)}"]`).focus();
}

function legend() {
  const stops = legendStops();
  if (!stops.length) return null;
  return el("div", { class: "legend", id: "legend" }, el("span", {}, MOVED ? "change of price" : "price"),
    ...stops.map((stop) => el("span", { class: "swatch" }, el("i"), stop.text)));
}

function paintLegend() {
  const stops = legendStops();
  document.querySelectorAll("#legend .swatch i").forEach((swatch, i) => { swatch.style.background = stops[i].colour(); });
}

const tipBox = el("div", { id: "tip", hidden: true, "aria-hidden": "true" });
document.body.append(tipBox);

function tip(event, lines) {
  fill(tipBox, ...lines.map((text, i) => el(i ? "div" : "strong", {}, text)));
  tipBox.hidden = false;
  const wide = tipBox.offsetWidth, tall = tipBox.offsetHeight;
  tipBox.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - wide - 6))}px`;
  tipBox.style.top = `${event.clientY + 18 + tall > innerHeight ? event.clientY - tall - 10 : event.clientY + 18}px`;
}
function untip() { tipBox.hidden = true; }

onChange((keys) => {
  if (keys.includes("top") || keys.includes("gather") || keys.includes("selected")) redraw();
  else if (keys.includes("frame")) turn();
  else if (keys.includes("theme")) paint();
  if (keys.includes("theme")) paintLegend();
});
