// The tables of the auditor by keyboard: arrows for the row, right and left to open and close, Enter to go on, / to search.

const table = document.querySelector("[data-rows]");
const rows = table ? [...table.querySelectorAll("[data-row]")] : [];

function focusOn(row) {
  for (const other of rows) {
    other.tabIndex = -1;
  }
  row.tabIndex = 0;
  row.focus();
}

function step(by) {
  const at = rows.indexOf(document.activeElement?.closest("[data-row]"));
  const next = at < 0 ? 0 : at + by;
  if (next >= 0 && next < rows.length) {
    focusOn(rows[next]);
  }
}

function toggle(row, open) {
  const link = row?.querySelector("[data-toggle]");
  if (link && (link.getAttribute("aria-expanded") === "true") !== open) {
    link.click();
  }
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const row = event.target.closest("[data-row]");
  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    ArrowRight: () => toggle(row, true),
    ArrowLeft: () => toggle(row, false),
    "/": () => document.getElementById("filter_q")?.focus(),
  };
  // Enter on a link is the browser's own.
  if (event.target === row) {
    keys.Enter = () => (row.querySelector("[data-go]") ?? row.querySelector("[data-toggle]"))?.click();
  }
  if (event.key in keys && (rows.length || event.key === "/")) {
    event.preventDefault();
    keys[event.key]();
  }
});

// Where a row was opened, the cursor stays on it.
const opened = rows.find((row) => row.id && `#${row.id}` === location.hash);
if (opened) {
  focusOn(opened);
} else if (rows.length) {
  rows[0].tabIndex = 0;
}
