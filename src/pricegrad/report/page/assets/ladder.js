/* Prices as a ladder, the dearest on top; choosing a rung explains it. */

const RUNGS = 40;
let allRungs = false;

function drawLadder() {
  const priced = DATA.goods.map((good, g) => ({ ...good, g })).filter((good) => good.price != null);
  const section = document.getElementById("ladder");
  section.hidden = !priced.length;
  if (!priced.length) return;
  priced.sort((a, b) => b.price - a.price);
  const shown = allRungs ? priced : priced.slice(0, RUNGS), scale = ladderScale(priced.map((good) => good.price));
  fill(section,
    el("h2", { id: "ladder-title" }, "Prices"),
    el("p", { class: "lead" }, `In ${DATA.unit}. ${scale.note}`),
    el("ol", { class: "rungs" }, ...shown.map((good) => rung(good, scale))),
    priced.length > RUNGS ? el("button", { type: "button", class: "plain", onclick: () => { allRungs = !allRungs; drawLadder(); } },
      allRungs ? `Only the ${RUNGS} dearest` : `All ${priced.length} goods`) : null,
  );
  paintLadder();
}

/** Bars from zero; where positive prices span more than a factor 50, a logarithmic scale, and it says so. */
function ladderScale(prices) {
  const [low, high] = d3.extent(prices), positive = prices.filter((p) => p > 0), least = Math.min(...positive);
  if (low >= 0 && positive.length > 1 && high / least > 50) {
    const log = d3.scaleLog([least / 2, high], [0, 100]);
    return { at: (p) => [0, p > 0 ? log(p) : 0], note: "Bars are on a logarithmic scale." };
  }
  const linear = d3.scaleLinear([Math.min(0, low), Math.max(0, high)], [0, 100]);
  return { at: (p) => [Math.min(linear(0), linear(p)), Math.abs(linear(p) - linear(0))], note: "" };
}

function rung(good, scale) {
  const bar = el("i", { "data-good": good.g }), [from, wide] = scale.at(good.price);
  bar.style.marginLeft = `${from}%`;
  bar.style.width = `${wide}%`;
  const button = el("button", { type: "button", class: "rung", "data-good": good.g, onclick: () => choose({ kind: "good", i: good.g }) },
    el("span", { class: "name" }, good.name), el("span", { class: "bar" }, bar), el("span", { class: "number" }, show(good.price)));
  return el("li", {}, button);
}

function paintLadder() {
  for (const bar of document.querySelectorAll("#ladder .bar i")) bar.style.background = colourOf(DATA.goods[+bar.dataset.good].price);
  for (const button of document.querySelectorAll("#ladder .rung"))
    button.setAttribute("aria-pressed", Boolean(same(state.selected, { kind: "good", i: +button.dataset.good })));
}

onChange((keys) => {
  if (keys.includes("selected") || keys.includes("theme")) paintLadder();
});
