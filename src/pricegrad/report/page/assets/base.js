"use strict";
/* The data, the state every part listens to, and small helpers. Text only ever enters the page as text. */

const DATA = JSON.parse(document.getElementById("payload").textContent);
/* An empty text stands for what can be read elsewhere: the price of the good, or what is paid. */
DATA.flows.price.forEach((paid, k) => { if (paid === "") DATA.flows.price[k] = DATA.goods[DATA.flows.good[k]].price; });
DATA.flows.marginal.forEach((worth, k) => { if (worth === "") DATA.flows.marginal[k] = DATA.flows.price[k]; });
const SVG = "http://www.w3.org/2000/svg";

const state = { selected: null, frame: null, top: 24, gather: false, printing: false };
const listeners = [];

/** Call `listener(changed)` after every change of the state. */
function onChange(listener) { listeners.push(listener); }

function change(update) {
  Object.assign(state, update);
  for (const listener of listeners) listener(Object.keys(update));
}

/** An element with attributes, event handlers (`onclick`) and children; strings become text nodes. */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/** Replace the children of a node; nothing stands for what is not there. */
const fill = (node, ...children) => node.replaceChildren(...children.filter((child) => child != null));

const four = d3.format(".4~g");

/** A small or large number: 1.37×10⁻¹⁵. */
function exponent(value) {
  if (!value) return value === 0 ? "0" : "–";
  const [digits, power] = d3.format(".3~e")(value).split("e");
  return `${digits}×10${[...power.replace("+", "")].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] ?? "⁻").join("")}`;
}

/** A number for people: four digits; powers of ten where they help; a real minus sign. */
function show(value) {
  if (value == null) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return exponent(value);
  if (size >= 1e4) return d3.format(",.0f")(value);
  return four(value);
}

const percent = (value) => (value == null ? "–" : Math.abs(value) < 5e-5 ? "0%" : d3.format("+.2~%")(value));
const plural = (count, word) => `${d3.format(",")(count)} ${word}${count === 1 ? "" : "s"}`;
const list = (names, most = 3) =>
  names.slice(0, most).join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");

/** The price of good `g` as now shown: at the slider's round in a run, else the result's. */
function priceOf(g) {
  const at = DATA.path && state.frame != null ? pathColumn.get(g) : undefined;
  return at === undefined ? DATA.goods[g].price : DATA.path.prices[state.frame][at];
}

/** The quantity of good `g` as now shown. */
function quantityOf(g) {
  const at = DATA.path && state.frame != null && DATA.path.quantities.length ? pathColumn.get(g) : undefined;
  return at === undefined ? DATA.goods[g].quantity : DATA.path.quantities[state.frame][at];
}

const pathLink = new Map((DATA.path ? DATA.path.links : []).map((k, column) => [k, column]));

/** The amount on link `k` as now shown; where a round's own amount is not known, it moves with its good. */
function amountOf(k) {
  const amount = DATA.flows.quantity[k];
  if (!DATA.path || state.frame == null) return amount;
  const column = pathLink.get(k), good = DATA.flows.good[k];
  if (column !== undefined) return DATA.path.bought[state.frame][column] ?? 0;
  const usual = DATA.goods[good].quantity, now = quantityOf(good);
  return usual && now != null ? (amount * now) / usual : amount;
}

/** What the agent of link `k` pays or gets for a unit as now shown, taxes included. */
function paidOn(k) {
  const paid = DATA.flows.price[k];
  if (!DATA.path || state.frame == null) return paid;
  const usual = DATA.goods[DATA.flows.good[k]].price, now = priceOf(DATA.flows.good[k]);
  return usual && now != null && paid != null ? (paid * now) / usual : paid;
}

/** The value on link `k` as now shown. */
const valueNow = (k) => Math.abs(amountOf(k) * (paidOn(k) ?? 1));

const pathColumn = new Map((DATA.path ? DATA.path.good : []).map((g, column) => [g, column]));

/** Links of each good and of each agent, by number of the flow. */
const byGood = DATA.goods.map(() => []), byAgent = DATA.agents.map(() => []);
DATA.flows.agent.forEach((a, k) => {
  byAgent[a].push(k);
  byGood[DATA.flows.good[k]].push(k);
});

const valueOf = (k) => Math.abs(DATA.flows.quantity[k] * (DATA.flows.price[k] ?? 1));
const valued = DATA.flows.price.some((price) => price != null);

/** Every name, for the search: what it is and its number. */
const NAMES = [
  ...DATA.goods.map((good, i) => ({ name: good.name, kind: "good", i })),
  ...DATA.agents.map((agent, i) => ({ name: agent.name, kind: "agent", i })),
];
const nameOf = (one) => (one.kind === "good" ? DATA.goods : DATA.agents)[one.i].name;
const same = (one, other) => one && other && one.kind === other.kind && one.i === other.i;
