"use strict";
// Without this script the page is whole and the search is not shown.
const box = document.getElementById("search");
const found = document.getElementById("found");
const hint = found.textContent;
const products = [...document.querySelectorAll("[data-product]")];
const groups = [...document.querySelectorAll("details.group")];
const wasOpen = new Map(groups.map((group) => [group, group.open]));
const text = (element) => element.textContent.toLowerCase();

function look() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (content) => words.every((word) => content.includes(word));
  let hits = 0;
  for (const product of products) {
    const head = text(product.querySelector("[data-head]"));
    const items = [...product.querySelectorAll("[data-item]")];
    const matching = items.filter((item) => fits(head + " " + text(item)));
    const isWhole = fits(head);
    items.forEach((item) => { item.hidden = !matching.includes(item); });
    product.dataset.whole = isWhole;
    product.hidden = !isWhole && matching.length === 0;
    hits += isWhole ? 1 : matching.length;
    for (const group of product.querySelectorAll("details.group")) {
      const inside = matching.filter((item) => group.contains(item)).length;
      group.hidden = inside === 0;
      group.open = words.length && !isWhole ? inside > 0 : wasOpen.get(group);
    }
  }
  for (const reader of document.querySelectorAll("[data-reader]")) {
    reader.hidden = ![...reader.querySelectorAll("[data-product]")].some((product) => !product.hidden);
  }
  found.textContent = !words.length ? hint : hits ? found.dataset.some.replace("0", hits) : found.dataset.none;
}

function first() {
  const links = [...document.querySelectorAll("[data-whole=true] [data-head] a, [data-item] a")];
  return links.find((link) => link.offsetParent !== null && !link.closest("[hidden]"));
}

box.form.hidden = false;
box.addEventListener("input", look);
box.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { box.value = ""; look(); }
  if (event.key === "Enter" && box.value.trim() && first()) { event.preventDefault(); first().focus(); }
});
look();
