/* Draw the page once; after that every part redraws itself when the state it shows changes. */

function drawHeader() {
  document.getElementById("title").textContent = DATA.title;
  const firms = DATA.agents.filter((one) => one.kind === "firm").length, homes = DATA.agents.filter((one) => one.kind === "household").length;
  const kinds = {
    equilibrium: "An equilibrium", prices: "A plan, priced", trajectory: "A market’s run", comparison: "Equilibria side by side", change: "A change of prices",
    sensitivities: "An equilibrium and what it hangs on", trade: "A market of private firms", numbers: "The numbers of a result",
  };
  const parts = [plural(DATA.goods.length, "good"), plural(firms, "firm"), ...(homes ? [plural(homes, "household")] : []), ...(DATA.flows.agent.length ? [plural(DATA.flows.agent.length, "link")] : [])];
  document.getElementById("summary").textContent = `${kinds[DATA.kind] ?? "An economy"}: ${parts.join(", ")}.${valued ? ` Prices in ${DATA.unit}.` : ""}`;
  fill(document.getElementById("page-tools"),
    el("button", { type: "button", id: "theme", onclick: turnTheme }, dark() ? "Light" : "Dark"),
    el("button", { type: "button", onclick: () => print() }, "Print"));
  document.getElementById("foot").textContent = [...(DATA.certificate ? [] : DATA.notes), "Made by pricegrad."].join(" ");
}

function turnTheme() {
  document.documentElement.dataset.theme = dark() ? "light" : "dark";
  change({ theme: null });
}

onChange((keys) => { if (keys.includes("theme")) document.getElementById("theme").textContent = dark() ? "Light" : "Dark"; });

let waiting = 0, drawnWidth = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === drawnWidth) return;
  drawnWidth = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(redraw, 120);
});

state.top = DATA.agents.length + DATA.goods.length <= 60 ? Math.max(DATA.agents.length, DATA.goods.length) : 24;
state.gather = GROUPS.length > 1 && DATA.agents.length > 60;
if (DATA.path) state.frame = DATA.path.rounds.length - 1;
drawHeader();
drawCertificate();
drawComparison();
drawTornado();
drawPath();
drawLadder();
drawDetail();
drawTables();
drawFlow();
paintLegend();
performance.mark("drawn");
