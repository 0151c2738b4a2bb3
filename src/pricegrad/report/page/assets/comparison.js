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
  const bar = el("i", { class: changed < 0 ? "down" : "up" }), share = 50 * Math.abs((changed ?? 0) / (largestChange || 1));
  bar.style.width = `${share}%`;
  bar.style.marginLeft = `${changed < 0 ? 50 - share : 50}%`;
  const g = one.what === "price" ? DATA.goods.findIndex((good) => good.name === one.name) : -1;
  return el("tr", {}, el("th", { scope: "row" }, g >= 0 ? go({ kind: "good", i: g }, one.name) : one.name), el("td", { class: "text" }, one.what),
    ...one.values.map((value) => el("td", {}, show(value))), el("td", {}, percent(changed)), el("td", { class: "bar", "aria-hidden": "true" }, bar));
}

function drawTornado() {
  const section = document.getElementById("tornado"), tornado = DATA.tornado;
  section.hidden = !tornado || !tornado.bars.length;
  if (section.hidden) return;
  const bars = [...tornado.bars].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)), most = Math.abs(bars[0].value) || 1;
  const row = (one) => {
    const bar = el("i", { class: one.value < 0 ? "down" : "up" }), share = (50 * Math.abs(one.value)) / most;
    bar.style.width = `${share}%`;
    bar.style.marginLeft = `${one.value < 0 ? 50 - share : 50}%`;
    return el("tr", {}, el("th", { scope: "row" }, one.name), el("td", { class: "bar", "aria-hidden": "true" }, bar), el("td", {}, show(one.value)));
  };
  fill(section, el("h2", {}, `What the ${tornado.of} hangs on`),
    el("p", { class: "lead" }, "Elasticities: the change in per cent when the parameter rises by one per cent, everything else following. " +
      (bars.length > BARS ? `The ${BARS} largest of ${bars.length}; the table below has all.` : "")),
    el("table", {}, el("thead", {}, el("tr", {}, ...["parameter", "", "elasticity"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, ...bars.slice(0, BARS).map(row))));
}
