/* Scenarios side by side, the largest movers first; and a tornado of what one outcome hangs on. */

const MOVERS = 16, BARS = 20;

function drawComparison() {
  const section = document.getElementById("comparison"), comparison = DATA.comparison;
  section.hidden = !comparison;
  if (!comparison) return;
  const [before, ...others] = comparison.scenarios, changes = comparison.movers.map((one) => relative(one.values));
  const order = changes.map((_, i) => i).sort((i, j) => Math.abs(changes[j] ?? 0) - Math.abs(changes[i] ?? 0));
  const rows = order.slice(0, MOVERS).map((i) => mover(comparison.movers[i], changes[i], changes[order[0]]));
  const head = ["", "what", ...comparison.scenarios, "change", ""];
  fill(section,
    el("h2", {}, "Before and after"),
    el("p", { class: "lead" }, `The largest changes, from “${before}” to “${others.at(-1)}”. ` +
      (comparison.movers.length > MOVERS ? `${MOVERS} of ${comparison.movers.length} are shown; the table below has all.` : "")),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "largest changes" }, el("table", { id: "movers" },
      el("thead", {}, el("tr", {}, ...head.map((text, i) => el("th", { scope: "col", class: i === 1 && "text" }, text)))), el("tbody", {}, ...rows))),
  );
}

function relative(values) {
  const first = values[0], last = values.at(-1);
  return first == null || last == null ? null : first === 0 ? (last === 0 ? 0 : null) : (last - first) / Math.abs(first);
}

function mover(one, changed, largestChange) {
  const bar = signedBar(changed ?? 0, largestChange);
  const g = one.what === "price" ? DATA.goods.findIndex((good) => good.name === one.name) : -1;
  return el("tr", {}, el("th", { scope: "row" }, g >= 0 ? go({ kind: "good", i: g }, one.name) : one.name), el("td", { class: "text" }, one.what),
    ...one.values.map((value) => el("td", {}, show(value))), el("td", {}, percent(changed)), el("td", { class: "bar", "aria-hidden": "true" }, bar));
}

let tornadoShown = 0;

function drawTornado() {
  const section = document.getElementById("tornado"), known = DATA.tornados.filter((one) => one.bars.length);
  section.hidden = !known.length;
  if (section.hidden) return;
  const tornado = known[tornadoShown], bars = tornado.bars, most = Math.abs(bars[0].value) || 1;
  const row = (one) => el("tr", {}, el("th", { scope: "row" }, one.name),
    el("td", { class: "bar", "aria-hidden": "true" }, signedBar(one.value, most)), el("td", {}, show(one.value)));
  const options = known.map((one, i) => el("option", { value: i, selected: i === tornadoShown }, one.title));
  const pick = el("select", { id: "tornado-of", "aria-label": "which question", onchange: (event) => {
    tornadoShown = +event.target.value;
    drawTornado();
    document.getElementById("tornado-of").focus();
  } }, ...options);
  fill(section, el("h2", {}, tornado.title),
    known.length > 1 ? el("div", { class: "controls" }, pick) : null,
    el("p", { class: "lead" }, `${tornado.lead} ` +
      (bars.length > BARS ? `The ${BARS} largest of ${bars.length}; the table below has all.` : "")),
    el("table", { class: "bars" }, el("thead", {}, el("tr", {}, ...["", "", "effect"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, ...bars.slice(0, BARS).map(row))));
}

/** A bar from the middle: to the right for more, to the left for less. */
function signedBar(value, most) {
  const bar = el("i", { class: value < 0 ? "down" : "up" }), share = 50 * Math.abs(value / (most || 1));
  bar.style.width = `${share}%`;
  bar.style.marginLeft = `${value < 0 ? 50 - share : 50}%`;
  return bar;
}
