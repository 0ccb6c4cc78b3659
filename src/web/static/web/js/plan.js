// The plan: one more row of costs without a new page, and the sum while typing. Without script the button does the first.

const form = document.querySelector("form[data-plan]");
const lines = form.querySelector("[data-lines]");
const template = form.querySelector("[data-line-template]");
const count = form.elements["lines-TOTAL_FORMS"];
const most = Number(form.elements["lines-MAX_NUM_FORMS"].value);
const total = form.querySelector("[data-total]");
const euros = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: "EUR" });

// As `common.money.cents_of` reads it; what is not an amount yet does not count.
const cents = (text) => {
  const found = /^\s*(?:€\s*)?(\d{1,3}(?:\.\d{3})+|\d{1,9})(?:[,.](\d{1,2}))?(?:,-+)?\s*$/.exec(text);
  return found ? Number(found[1].replaceAll(".", "")) * 100 + Number((found[2] ?? "0").padEnd(2, "0")) : 0;
};

const showTotal = () => {
  const amounts = [...lines.querySelectorAll("input[name$='-amount']")];
  total.textContent = euros.format(amounts.reduce((sum, input) => sum + cents(input.value), 0) / 100);
};

form.querySelector("[name=add_line]").addEventListener("click", (event) => {
  const at = Number(count.value);
  if (at >= most) return;
  event.preventDefault();
  lines.insertAdjacentHTML("beforeend", template.innerHTML.replaceAll("__prefix__", at));
  const line = lines.lastElementChild;
  line.querySelector("[data-line-number]").textContent = at + 1;
  count.value = at + 1;
  line.querySelector("input").focus();
});

form.querySelector("[data-total-line]").hidden = false;
form.addEventListener("input", showTotal);
showTotal();
