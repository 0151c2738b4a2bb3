/* Prices as a ladder, the dearest on top, each with its derivation; choosing a rung explains it in full. */

const RUNGS = 24;
let allRungs = false;

function drawLadder() {
  const section = document.getElementById("ladder");
  const priced = DATA.goods.map((good, g) => ({ good, g, price: priceOf(g) })).filter((one) => one.price != null);
  section.hidden = !priced.length;
  if (!priced.length) return;
  const size = (one) => d3.sum(byGood[one.g], valueOf);
  const [least, most] = d3.extent(priced, (one) => one.good.price), flat = priced.length > 1 && most - least <= 1e-9 * Math.abs(most);
  priced.sort((a, b) => (flat ? 0 : b.good.price - a.good.price) || size(b) - size(a));
  const shown = allRungs ? priced : priced.slice(0, RUNGS), prices = priced.map((one) => one.price);
  const scale = ladderScale(DATA.path ? DATA.path.prices.flat().filter((p) => p != null) : prices);
  fill(section,
    el("h2", { id: "ladder-title" }, DATA.path || !priced.some((one) => one.good.why.length) ? "Prices" : "Prices, and why"),
    el("p", { class: "lead" }, `In ${DATA.unit}. ${flat ? "All prices are the same, as in a table at its own prices; the most traded goods come first." : scale.note}`),
    el("ol", { class: flat ? "rungs flat" : "rungs" }, ...shown.map((one) => rung(one, scale))),
    priced.length > RUNGS ? el("button", { type: "button", class: "plain more", onclick: () => { allRungs = !allRungs; drawLadder(); } },
      allRungs ? `Only the first ${RUNGS}` : `All ${priced.length} goods`) : null,
  );
  paintLadder();
}

/** Bars from zero; where positive prices span more than a factor 50, a logarithmic scale, and it says so. */
function ladderScale(prices) {
  const [low, high] = d3.extent(prices), positive = prices.filter((p) => p > 0), least = Math.min(...positive);
  if (low >= 0 && positive.length > 1 && high / least > 50) {
    const log = d3.scaleLog([least / 2, high], [0, 100]);
    return { at: (p) => [0, p > 0 ? Math.max(0, log(p)) : 0], note: "Bars are on a logarithmic scale." };
  }
  const linear = d3.scaleLinear([Math.min(0, low), Math.max(0, high)], [0, 100]);
  return { at: (p) => [Math.min(linear(0), linear(p)), Math.abs(linear(p) - linear(0))], note: "" };
}

function rung({ good, g, price }, scale) {
  const bar = el("i", { "data-good": g }), [from, wide] = scale.at(price), reason = derivation(good);
  bar.style.marginLeft = `${from}%`;
  bar.style.width = `${wide}%`;
  const button = el("button", { type: "button", class: "rung", "data-good": g, onclick: () => choose({ kind: "good", i: g }) },
    el("span", { class: "name", title: good.name }, good.name), el("span", { class: "bar" }, bar), el("span", { class: "number" }, show(price)));
  return el("li", {}, button, reason ? el("p", { class: "reason" }, reason.text) : null,
    reason && reason.code ? el("pre", { class: "reason" }, reason.code) : null);
}

/** The step that says most: the one with the emitted line of code, else what a unit costs to make, else what it gives. */
function derivation(good) {
  if (DATA.path) return null; // the explanation is that of the equilibrium, the bars are those of a round
  return good.why.find((one) => one.code) ?? good.why.find((one) => one.formula && one.text.startsWith("A unit of")) ?? good.why.find((one) => one.formula) ?? good.why[0];
}

function paintLadder() {
  for (const bar of document.querySelectorAll("#ladder .bar i")) bar.style.background = colourOf(+bar.dataset.good);
  for (const button of document.querySelectorAll("#ladder .rung"))
    button.setAttribute("aria-pressed", Boolean(same(state.selected, { kind: "good", i: +button.dataset.good })));
}

onChange((keys) => {
  if (keys.includes("frame")) drawLadder();
  else if (keys.includes("selected") || keys.includes("theme")) paintLadder();
});
