/* Every number of the page as a table that can be copied or saved; drawn when it is opened. */

const ROWS = 200;

function drawTables() {
  const sheets = [goodsSheet(), agentsSheet(), linksSheet(), ...(DATA.comparison ? [comparisonSheet()] : []), ...(DATA.tornados.length ? [tornadoSheet()] : []), ...(DATA.path ? [pathSheet()] : [])];
  fill(document.getElementById("tables"), el("h2", {}, "The numbers"), ...sheets.filter((sheet) => sheet.rows.length).map(drawSheet));
}

const goodsSheet = () => ({ id: "goods", title: "Goods", head: ["good", "price", "quantity"], rows: DATA.goods.map((good) => [good.name, good.price, good.quantity]) });

const agentsSheet = () => ({
  id: "agents", title: "Firms, households and outside markets", head: ["name", "kind", "sector", "activity", "revenue", "cost", "profit"],
  rows: DATA.agents.map((one) => [one.name, one.kind, one.group, one.activity, one.revenue, one.cost, one.profit]),
});

const linksSheet = () => ({
  id: "links", title: "Links", head: ["agent", "good", "side", "quantity", "price", "marginal value"],
  rows: DATA.flows.agent.map((a, k) => [DATA.agents[a].name, DATA.goods[DATA.flows.good[k]].name, DATA.flows.sells[k] ? "sells" : "buys", DATA.flows.quantity[k], DATA.flows.price[k], DATA.flows.marginal[k] ?? null]),
});

const comparisonSheet = () => ({
  id: "comparison", title: "Comparison", head: ["name", "what", ...DATA.comparison.scenarios],
  rows: DATA.comparison.movers.map((one) => [one.name, one.what, ...one.values]),
});

const tornadoSheet = () => ({
  id: "effects", title: "Effects", head: ["question", "name", "effect"],
  rows: DATA.tornados.flatMap((one) => one.bars.map((bar) => [one.title, bar.name, bar.value])),
});

const pathSheet = () => ({
  id: "rounds", title: "Prices over rounds", head: ["round", ...DATA.path.good.map((g) => DATA.goods[g].name)],
  rows: DATA.path.rounds.map((round, t) => [round, ...DATA.path.prices[t]]),
});

function drawSheet(sheet) {
  const holder = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": sheet.title });
  const more = el("p", { class: "quiet" }, sheet.rows.length > ROWS ? `The first ${ROWS} of ${d3.format(",")(sheet.rows.length)} rows; copying and saving takes all.` : "");
  const draw = () => { if (!holder.firstChild) holder.append(sheetTable(sheet)); };
  const details = el("details", { id: `${sheet.id}-table`, "data-rows": sheet.rows.length, ontoggle: draw }, el("summary", {}, `${sheet.title} (${d3.format(",")(sheet.rows.length)})`),
    el("div", { class: "controls" },
      el("button", { type: "button", onclick: (event) => copy(sheet, event.target) }, "Copy"),
      el("button", { type: "button", onclick: () => save(sheet) }, "Save as CSV")), holder, more);
  details.draw = draw; // the toggle event comes too late for a printer
  return details;
}

const PRINTED = 60; // longer tables are printed where the reader has opened them

/** For paper: light colours, and everything open that is short enough; afterwards as it was. */
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details:not([open])")) {
    const rows = +(details.dataset.rows ?? 0);
    if (rows <= PRINTED) {
      details.draw?.();
      details.dataset.shut = "";
      details.open = true;
    }
  }
  change({ printing: true, theme: null });
});

addEventListener("afterprint", () => {
  for (const details of document.querySelectorAll("details[data-shut]")) {
    delete details.dataset.shut;
    details.open = false;
  }
  change({ printing: false, theme: null });
});

function sheetTable(sheet) {
  const cell = (value) => (typeof value === "number" ? el("td", { title: String(value) }, show(value)) : el("td", { class: "text" }, value ?? "–"));
  const textual = (i) => typeof sheet.rows[0][i] === "string" && "text";
  return el("table", {}, el("thead", {}, el("tr", {}, ...sheet.head.map((text, i) => el("th", { scope: "col", class: textual(i) }, text)))),
    el("tbody", {}, ...sheet.rows.slice(0, ROWS).map(([first, ...rest]) => el("tr", {}, el("th", { scope: "row" }, first), ...rest.map(cell)))));
}

/** Comma-separated values, RFC 4180; a text that a spreadsheet would take for a formula is kept a text. */
function csv(sheet) {
  const field = (value) => {
    if (value == null) return "";
    if (typeof value === "number") return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [sheet.head, ...sheet.rows].map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

function save(sheet) {
  const link = el("a", { href: URL.createObjectURL(new Blob([csv(sheet)], { type: "text/csv" })), download: `${sheet.id}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Tab-separated, as spreadsheets paste it; without clipboard access the text is put where it can be selected. */
async function copy(sheet, button) {
  const flat = (value) => String(value ?? "").replace(/[\t\r\n]+/g, " ");
  const text = [sheet.head, ...sheet.rows].map((row) => row.map(flat).join("\t")).join("\n");
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    const area = el("textarea", { readonly: true, rows: 6, "aria-label": `${sheet.title} as text` });
    area.value = text;
    button.after(area);
    area.select();
    button.textContent = "Selected, press Ctrl+C";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2500);
}
