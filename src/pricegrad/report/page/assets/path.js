/* A market's run: the slider that moves the whole page in time, prices over rounds, the downhill curve. */

const LINES = 8;
let playing = null;

function drawPath() {
  const section = document.getElementById("path"), path = DATA.path;
  section.hidden = !path;
  if (!path) return;
  const last = path.rounds.length - 1;
  const slider = el("input", { type: "range", id: "round", min: 0, max: last, value: last, step: 1, oninput: (event) => change({ frame: +event.target.value }) });
  fill(section,
    el("h2", {}, "The market's run"), el("p", { class: "lead" }, path.verdict),
    path.shown ? el("p", { class: "quiet" }, path.shown) : null,
    el("ul", { class: "events" }, ...path.events.map((event) => el("li", {}, `round ${event.round}: ${event.text}`))),
    el("div", { class: "charts" }, ...charts()),
  );
  fill(document.getElementById("time"), el("div", { class: "controls slider" }, el("button", { type: "button", id: "play", onclick: play }, "Play"),
      el("label", {}, "Round ", slider), el("output", { id: "round-said", for: "round" })));
  document.getElementById("time").hidden = false;
  sayRound();
}

/** Prices, distance, cosine, stocks and shortages: one chart for each that was recorded. */
function charts() {
  const path = DATA.path, column = (rows, c) => rows.map((row) => row[c]);
  const moved = path.good.map((g, c) => ({ g, c, spread: relativeSpread(column(path.prices, c)) }))
    .sort((a, b) => b.spread - a.spread).slice(0, LINES);
  const series = (rows) => moved.map(({ g, c }) => ({ name: DATA.goods[g].name, values: column(rows, c) }));
  const note = path.good.length > LINES ? ` (the ${LINES} that moved most)` : "";
  const drawn = [chart("prices", `Prices over rounds${note}`, series(path.prices), {})];
  if (path.distance.some((x) => x > 0))
    drawn.push(chart("distance", "Distance to equilibrium (worst relative price error)", [{ name: "distance", values: path.distance }], { log: true }));
  if (path.cosine.some((x) => x != null))
    drawn.push(chart("cosine", "Downhill: cosine between the market's move and the true gradient", [{ name: "cosine", values: path.cosine }], { domain: [-1, 1] }));
  if (path.stocks.length) drawn.push(chart("stocks", `Stocks${note}`, series(path.stocks), {}));
  if (path.shortages.length) drawn.push(chart("shortages", `Shortages${note}`, series(path.shortages), {}));
  return drawn;
}

function relativeSpread(values) {
  const [low, high] = d3.extent(values.filter((x) => x != null));
  return low === undefined ? 0 : (high - low) / (Math.abs(high) + Math.abs(low) || 1);
}

const DASHES = ["", "7 3", "2 3", "9 3 2 3", "5 5", "1 4", "12 4", "3 2"];

function chart(id, title, series, options) {
  const rounds = DATA.path.rounds, width = 460, height = 210, box = { left: 56, right: series.length > 1 ? 112 : 16, top: 10, bottom: 28 };
  const values = series.flatMap((one) => one.values).filter((x) => x != null && (!options.log || x > 0));
  const [low, high] = options.domain ?? d3.extent(values);
  const scale = options.log || (low > 0 && high / low > 50) ? d3.scaleLog : d3.scaleLinear;
  const span = high > low ? [low, high] : [low - 0.5 * Math.abs(low || 1), high + 0.5 * Math.abs(high || 1)];
  const x = d3.scaleLinear([rounds[0], rounds.at(-1) || 1], [box.left, width - box.right]);
  const y = scale(scale === d3.scaleLog && span[0] <= 0 ? [high / 10, high * 10] : span, [height - box.bottom, box.top]).nice();
  const svg = d3.select(document.createElementNS(SVG, "svg")).attr("viewBox", `0 0 ${width} ${height}`)
    .attr("role", "img").attr("aria-label", `${title}: ${series.map((one) => `${one.name} from ${show(one.values[0])} to ${show(one.values.at(-1))}`).join("; ")}`);
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${height - box.bottom})`).call(d3.axisBottom(x).ticks(Math.min(5, rounds.at(-1) - rounds[0] || 1)).tickFormat(d3.format(",")));
  const ticks = scale === d3.scaleLog ? d3.axisLeft(y).ticks(4, show) : d3.axisLeft(y).ticks(4);
  svg.append("g").attr("class", "axis").attr("transform", `translate(${box.left},0)`).call(ticks);
  if (options.domain) svg.append("line").attr("class", "zero").attr("x1", box.left).attr("x2", width - box.right).attr("y1", y(0)).attr("y2", y(0));
  for (const event of DATA.path.events)
    svg.append("line").attr("class", "event").attr("x1", x(event.round)).attr("x2", x(event.round)).attr("y1", box.top).attr("y2", height - box.bottom);
  const fine = (v) => v != null && (scale !== d3.scaleLog || v > 0);
  const draw = d3.line().defined(([, v]) => fine(v)).x(([r]) => x(r)).y(([, v]) => y(v));
  svg.selectAll(".series").data(series).join("path").attr("class", (_, i) => `series s${i}`)
    .attr("stroke-dasharray", (_, i) => DASHES[i % DASHES.length]).attr("d", (one) => draw(one.values.map((v, i) => [rounds[i], v])));
  if (series.length > 1) endLabels(svg, series, y, width - box.right, fine, [box.top + 4, height - box.bottom]);
  svg.append("line").attr("class", "now").attr("y1", box.top).attr("y2", height - box.bottom).datum({ x });
  return el("figure", { id: `chart-${id}` }, el("figcaption", {}, title), svg.node());
}

/** Names at the ends of their lines, pushed apart where they would touch. */
function endLabels(svg, series, y, x, fine, [top, bottom]) {
  const ends = series.map((one, i) => ({ name: one.name, i, at: y(one.values.findLast(fine) ?? y.domain()[0]) })).sort((a, b) => a.at - b.at);
  ends.forEach((end, i) => { end.at = Math.max(end.at, i ? ends[i - 1].at + 11 : top); });
  for (let i = ends.length - 1, floor = bottom; i >= 0; i -= 1) { ends[i].at = Math.min(ends[i].at, floor); floor = ends[i].at - 11; }
  for (const end of ends) svg.append("line").attr("class", `series s${end.i}`).attr("stroke-dasharray", DASHES[end.i % DASHES.length])
    .attr("x1", x + 4).attr("x2", x + 19).attr("y1", end.at).attr("y2", end.at);
  for (const end of ends) svg.append("text").attr("class", `end s${end.i}`).attr("x", x + 22).attr("y", end.at).attr("dy", "0.32em").text(shorten(end.name, 90));
}

function sayRound() {
  const path = DATA.path, frame = state.frame ?? path.rounds.length - 1;
  document.getElementById("round").value = frame;
  document.getElementById("round").setAttribute("aria-valuetext", `round ${path.rounds[frame]}`);
  const bits = [`${path.rounds[frame]}`, `traded ${show(d3.sum(DATA.flows.agent.map((_, k) => k).filter((k) => !DATA.flows.sells[k]), valueNow))}`];
  if (path.distance[frame] != null) bits.push(`distance ${show(path.distance[frame])}`);
  if (path.cosine[frame] != null) bits.push(`cosine ${show(path.cosine[frame])}`);
  const short = path.shortages[frame] ? path.good.filter((_, c) => path.shortages[frame][c] > 0) : [];
  if (short.length) bits.push(`short: ${list(short.map((g) => DATA.goods[g].name))}`);
  document.getElementById("round-said").textContent = bits.join(" · ");
  d3.selectAll("#path .now").each(function place({ x }) { d3.select(this).attr("x1", x(path.rounds[frame])).attr("x2", x(path.rounds[frame])); });
}

function play() {
  const last = DATA.path.rounds.length - 1, button = document.getElementById("play");
  if (playing) { clearInterval(playing); playing = null; button.textContent = "Play"; return; }
  if ((state.frame ?? last) >= last) change({ frame: 0 });
  button.textContent = "Pause";
  playing = setInterval(() => {
    if (state.frame >= last) play();
    else change({ frame: state.frame + 1 });
  }, Math.max(40, 6000 / (last + 1)));
}

onChange((keys) => { if (keys.includes("frame") && DATA.path) sayRound(); });
