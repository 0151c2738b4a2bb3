/* Where nodes and links stand: columns along the flow of value, d3-sankey within them. Real economies are cyclic:
   links against the flow are taken out before the layout and drawn as loops below it. */

const COLUMNS = 11;
const LOOPS = 24; // so many loops are drawn; the smaller ones show when one points at their ends

/** Columns and places of all nodes for the values of the result; `moveTo` keeps them when a round is shown. */
function layOut(graph, width) {
  setBack(graph);
  const columns = setColumns(graph);
  const tallest = Math.max(...d3.rollups(graph.nodes, (some) => some.length, (one) => one.column).map((r) => r[1]));
  const height = Math.max(200, Math.min(900, 34 * tallest + 40 + (tallest < 5 ? 60 : 0)));
  const pad = Math.max(3, Math.min(20, (0.45 * height) / tallest));
  const above = tallest <= 7; // few nodes: names stand above the bars, else beside them
  const side = Math.min(130, width * 0.14), left = above ? 8 : side, right = above ? Math.min(110, width * 0.13) : side;
  const size = { width, height, columns, above, side, apart: (width - left - right - 14) / Math.max(1, columns - 1) };
  const ruler = makeRuler(columns, graph);
  const names = new Map([...graph.nodes, ...ruler.nodes].map((one) => [one.id, one]));
  const loops = graph.links.filter((link) => link.back), forward = graph.links.filter((link) => !link.back);
  const made = d3.sankey()
    .nodeId((one) => one.id).nodeAlign((one) => names.get(one.id).column)
    .nodeWidth(14).nodePadding(pad).iterations(24)
    .extent([[left, above ? 20 : 8], [width - right, height - 8]])({
      nodes: [...graph.nodes.map((one) => ({ id: one.id, fixedValue: Math.max(one.in, one.out) })), ...ruler.nodes],
      links: [...forward.map((link) => ({ source: link.from.id, target: link.to.id, value: link.value, link })), ...ruler.links],
    });
  for (const one of made.nodes.slice(0, graph.nodes.length)) Object.assign(names.get(one.id), { x0: one.x0, x1: one.x1, y0: one.y0, y1: one.y1 });
  for (const one of made.links.slice(0, forward.length)) Object.assign(one.link, { w: one.width, ya: one.y0, yb: one.y1 });
  size.scale = forward.length ? made.links[0].width / made.links[0].value : 1;
  [...loops].sort((a, b) => b.value - a.value).forEach((link, i) => { link.faint = i >= LOOPS; });
  size.bottom = stackLoops(graph, loops, size.scale, height);
  for (const link of forward) link.path = ribbon(link);
  if (DATA.path) makeRoom(graph, size);
  return size;
}

/** For a run: remember the middle of every node and the order of its links, and choose a scale for all rounds. */
function makeRoom(graph, size) {
  const frame = state.frame, most = new Map();
  for (const one of graph.nodes) one.middle = (one.y0 + one.y1) / 2;
  for (const link of graph.links) link.rank = { leaves: link.ya, arrives: link.yb };
  DATA.path.rounds.forEach((_, at) => {
    state.frame = at;
    revalue(graph);
    for (const one of graph.nodes) most.set(one, Math.max(most.get(one) ?? 0, one.in, one.out));
  });
  state.frame = frame;
  let fits = 1;
  for (const [, nodes] of d3.rollups(graph.nodes, (some) => some, (one) => one.column)) {
    nodes.sort((a, b) => a.middle - b.middle);
    nodes.forEach((one, i) => {
      const next = nodes[i + 1], tall = most.get(one) * size.scale;
      const room = next ? next.middle - one.middle - 4 : size.height - one.middle, wants = next ? (tall + most.get(next) * size.scale) / 2 : tall / 2;
      if (wants > 0) fits = Math.min(fits, room / wants, (one.middle - 2) / (tall / 2));
    });
  }
  size.scale *= Math.max(0.25, fits);
}

/** The values of the round that is shown: every node stays where it is, and grows or shrinks about its middle. */
function moveTo(graph, size) {
  revalue(graph);
  const { scale } = size, loops = graph.links.filter((link) => link.back), forward = graph.links.filter((link) => !link.back);
  for (const one of graph.nodes) {
    const half = (scale * Math.max(one.in, one.out)) / 2;
    one.y0 = one.middle - half;
    one.y1 = one.middle + half;
  }
  for (const [node, place, rank] of [["from", "ya", "leaves"], ["to", "yb", "arrives"]]) {
    const filled = new Map();
    for (const link of [...forward].sort((a, b) => a.rank[rank] - b.rank[rank])) {
      const before = filled.get(link[node]) ?? 0;
      link.w = link.value * scale;
      link[place] = link[node].y0 + before + link.w / 2;
      filled.set(link[node], before + link.w);
    }
  }
  size.bottom = stackLoops(graph, loops, scale, size.height);
  for (const link of forward) link.path = ribbon(link);
}

/** A chain of nodes without size through all columns: d3-sankey counts columns by the longest chain it finds. */
function makeRuler(columns, graph) {
  const tiny = 1e-9 * d3.sum(graph.links, (link) => link.value);
  const nodes = Array.from({ length: columns }, (_, column) => ({ id: `ruler ${column}`, column, fixedValue: tiny }));
  return { nodes, links: nodes.slice(1).map((one, i) => ({ source: nodes[i].id, target: one.id, value: tiny })) };
}

/** Mark the links that run against the flow: a greedy order of the nodes by net value (Eades, Lin, Smyth 1993). */
function setBack(graph) {
  const rank = order(graph);
  for (const link of graph.links) link.back = rank.get(link.from) >= rank.get(link.to);
}

function order(graph) {
  const net = new Map(graph.nodes.map((one) => [one, { in: 0, out: 0, next: [], prev: [] }]));
  for (const link of graph.links) {
    net.get(link.from).next.push(link);
    net.get(link.to).prev.push(link);
    net.get(link.from).out += link.value;
    net.get(link.to).in += link.value;
  }
  const left = new Set(graph.nodes), head = [], tail = [];
  const tiny = 1e-12 * d3.sum(graph.links, (link) => link.value);
  const take = (one, end) => {
    left.delete(one);
    for (const link of net.get(one).next) net.get(link.to).in -= link.value;
    for (const link of net.get(one).prev) net.get(link.from).out -= link.value;
    end.push(one);
  };
  while (left.size) {
    const all = [...left];
    const sink = all.find((one) => one.sells === false || net.get(one).out <= tiny);
    const source = all.find((one) => one.sells === true || net.get(one).in <= tiny);
    if (source) take(source, head);
    else if (sink) take(sink, tail);
    else take(all.reduce((a, b) => (net.get(a).out - net.get(a).in >= net.get(b).out - net.get(b).in ? a : b)), head);
  }
  return new Map([...head, ...tail.reverse()].map((one, i) => [one, i]));
}

/** Columns by longest path; where that gives too many, firms in one column, goods in the next. */
function setColumns(graph) {
  for (const one of graph.nodes) one.column = 0;
  for (let moved = true, turn = 0; moved && turn < graph.nodes.length; turn += 1) {
    moved = false;
    for (const link of graph.links) {
      if (link.back || link.to.column > link.from.column) continue;
      link.to.column = link.from.column + 1;
      moved = true;
    }
  }
  const most = Math.max(...graph.nodes.map((one) => one.column));
  if (most < COLUMNS) return pullRight(graph, most) + 1;
  const made = new Set(graph.links.filter((link) => isGood(link.to) && !link.from.sells).map((link) => link.to));
  const place = (one) => {
    if (one.sells) return 0;
    if (isGood(one)) return made.has(one) ? 3 : 1;
    return one.sells === false || !one.out ? 4 : 2;
  };
  for (const one of graph.nodes) one.column = place(one);
  for (const link of graph.links) link.back = link.from.column >= link.to.column;
  return 5;
}

/** Buyers that sell nothing stand alone at the far right; other nodes as they are. Returns the last column. */
function pullRight(graph, most) {
  const final = (one) => one.sells === false;
  const last = graph.nodes.some((one) => one.column === most && !final(one)) ? most + 1 : most;
  const buyers = graph.nodes.filter(final);
  for (const one of buyers) one.column = last;
  return buyers.length ? last : most;
}

/** Place the ends of the loops below the forward links of their nodes and the lanes below the picture. */
function stackLoops(graph, loops, scale, height) {
  const leaves = new Map(), arrives = new Map();
  for (const link of graph.links.filter((one) => !one.back)) {
    leaves.set(link.from, (leaves.get(link.from) ?? 0) + link.w);
    arrives.set(link.to, (arrives.get(link.to) ?? 0) + link.w);
  }
  loops.sort((a, b) => Boolean(a.faint) - Boolean(b.faint) || Math.abs(a.from.x1 - a.to.x0) - Math.abs(b.from.x1 - b.to.x0));
  let lane = height + 2;
  const room = Math.min(1, 90 / (d3.sum(loops, (link) => (link.faint ? 0 : link.value * scale)) || 1));
  loops.forEach((link, turn) => {
    link.w = Math.max(0.5, link.value * scale);
    const out = leaves.get(link.from) ?? 0, into = arrives.get(link.to) ?? 0;
    leaves.set(link.from, out + link.w);
    arrives.set(link.to, into + link.w);
    link.ya = link.from.y0 + out + link.w / 2;
    link.yb = link.to.y0 + into + link.w / 2;
    const step = link.faint ? 0 : Math.max(0.4, link.w * room); // the faint ones share the lowest lane
    link.path = loop(link, lane + step / 2, 16 + (28 * turn) / loops.length);
    lane += step;
  });
  return loops.length ? lane + 8 : height;
}

function ribbon(link) {
  const x0 = link.from.x1, x1 = link.to.x0, middle = (x0 + x1) / 2;
  return `M${x0},${link.ya}C${middle},${link.ya} ${middle},${link.yb} ${x1},${link.yb}`;
}

function loop(link, y, bend) {
  const x0 = link.from.x1, x1 = link.to.x0;
  return `M${x0},${link.ya}C${x0 + bend},${link.ya} ${x0 + bend},${y} ${x0},${y}` +
    `L${x1},${y}C${x1 - bend},${y} ${x1 - bend},${link.yb} ${x1},${link.yb}`;
}
