/* Colours of goods: by price, on a logarithmic scale (viridis); where two scenarios are compared, by how far the price
   moved, from grey to orange or blue. Both can be read with any colour vision. */

const scheme = matchMedia("(prefers-color-scheme: dark)");
scheme.addEventListener("change", () => change({ theme: null }));

function dark() {
  if (state.printing) return false; // paper is light
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : scheme.matches;
}

/** The relative change of each good's price between the first scenario and the last; null where none are compared, and in a run,
    whose colours follow the slider. */
const MOVED = (() => {
  const prices = ((!DATA.path && DATA.comparison?.movers) || []).filter((one) => one.what === "price" && one.values[0] > 0 && one.values.at(-1) > 0);
  const moved = new Map(prices.map((one) => [one.name, one.values.at(-1) / one.values[0] - 1]));
  return prices.some((one) => Math.abs(moved.get(one.name)) > 1e-9) ? DATA.goods.map((good) => moved.get(good.name)) : null;
})();
const FURTHEST = MOVED && Math.max(...MOVED.map((by) => Math.abs(by ?? 0)));

function priceRange() {
  const seen = (DATA.path ? DATA.path.prices.flat() : []).filter((p) => p > 0).sort((a, b) => a - b);
  const usual = seen.length ? [0.03, 0.97].map((share) => seen[Math.round(share * (seen.length - 1))]) : []; // wild rounds would leave no colour for the others
  const [low, high] = d3.extent([...DATA.goods.map((good) => good.price), ...usual].filter((p) => p > 0));
  if (low === undefined) return null;
  return high / low < 1.1 ? [low / 1.05, high * 1.05] : [low, high];
}
const PRICES = priceRange();

function priceColour(price) {
  if (!(price > 0) || !PRICES) return "var(--nothing)";
  const span = Math.log(PRICES[1] / PRICES[0]);
  const at = Math.min(1, Math.max(0, Math.log(price / PRICES[0]) / span));
  return d3.interpolateViridis(dark() ? 0.25 + 0.7 * at : 0.03 + 0.84 * at);
}

/** From grey to orange for dearer, to blue for cheaper; by the root, so that small changes show beside a large one. */
function changeColour(moved) {
  if (moved == null) return "var(--nothing)";
  const share = 100 * Math.sqrt(Math.min(1, Math.abs(moved) / FURTHEST));
  return `color-mix(in oklab, var(${moved < 0 ? "--down" : "--up"}) ${share.toFixed(1)}%, var(--nothing))`;
}

/** The colour of good `g`, as now shown. */
const colourOf = (g) => (MOVED ? changeColour(MOVED[g]) : priceColour(priceOf(g)));

/** The swatches of the legend: what a colour stands for. */
function legendStops() {
  if (MOVED) {
    const sides = [-1, -0.25, 0, 0.25, 1].filter((side) => side === 0 || MOVED.some((by) => by * side > 1e-9));
    return sides.map((side) => ({ text: percent(side * FURTHEST), colour: () => changeColour(side * FURTHEST) }));
  }
  if (!PRICES) return [];
  const stops = PRICES[1] / PRICES[0] < 1.11 ? [0.5] : [0, 0.25, 0.5, 0.75, 1];
  const at = (t) => Math.exp(Math.log(PRICES[0]) + t * Math.log(PRICES[1] / PRICES[0]));
  return stops.map((t) => ({ text: show(at(t)), colour: () => priceColour(Math.min(PRICES[1], Math.max(PRICES[0], at(t)))) }));
}
