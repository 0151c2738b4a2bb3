/* The verdict on top: is this an equilibrium, by how much is each condition missed, and how do we know. */

function drawCertificate() {
  const section = document.getElementById("certificate"), proof = DATA.certificate;
  section.hidden = !proof;
  if (!proof) return;
  section.className = proof.holds ? "holds" : "fails";
  const rows = proof.checks.map((check) => el("tr", {}, el("th", { scope: "row" }, check.condition),
    el("td", {}, exponent(check.worst)), el("td", { class: "text" }, check.where || "–"), el("td", { class: "text" }, check.meaning)));
  fill(section,
    el("h2", {}, el("span", { class: "mark", "aria-hidden": "true" }, proof.holds ? "✓" : "✗"), " ", proof.verdict),
    el("p", {}, ["trajectory", "trade"].includes(DATA.kind) && proof.checks.length ? `${proof.checks[0].condition[0].toUpperCase()}${proof.checks[0].condition.slice(1)}: ` : "Worst relative violation of any condition: ", el("strong", { id: "worst" }, exponent(proof.worst)), "."),
    proof.checks.length ? el("details", { open: !proof.holds },
      el("summary", {}, "Condition by condition, and how we know"),
      el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "certificate" }, el("table", {},
        el("thead", {}, el("tr", {}, ...["condition", "worst", "where", "what it says"].map((text, i) => el("th", { scope: "col", class: i > 1 && "text" }, text)))),
        el("tbody", {}, ...rows))),
      el("p", { class: "quiet" }, proof.how)) : el("p", { class: "quiet" }, proof.how),
    DATA.notes.length ? el("ul", { class: "notes", "aria-label": "worth knowing" }, ...DATA.notes.map((note) => el("li", {}, note))) : null,
  );
}
