// Eases a review: marks stand at the findings they belong to, and keys lead through lists. Without it the pages are the same forms and links.
// Nothing is stored or sent but by the page's own forms.
"use strict";

(() => {
  for (const keys of document.querySelectorAll(".keys")) keys.hidden = false;
  for (const facet of document.querySelectorAll(".facet")) {
    if (matchMedia("(max-width: 60rem)").matches && !facet.querySelector("[aria-current]")) facet.open = false;
  }

  // Each mark moves to its finding in the report; those of billed codes, which have no address there, by their order.
  const billed = [...document.querySelectorAll(".group-claim .item")];
  for (const judge of document.querySelectorAll(".judge")) {
    const place = judge.dataset.for;
    const item = place.startsWith("claim-") ? billed.shift() : document.getElementById(place);
    if (!item) continue;
    judge.parentElement.remove();
    item.append(judge);
  }
  for (const heading of document.querySelectorAll(".judging h3")) if (!heading.nextElementSibling?.children.length) heading.hidden = true;
  for (const shut of document.querySelectorAll(".report details:has(.judge .message, .judge:target)")) shut.open = true;
  const told = document.querySelector(".judge:has(.message)") || (location.hash.startsWith("#judge-") && document.getElementById(location.hash.slice(1)));
  if (told) {
    told.scrollIntoView({ block: "center" });
    told.focus({ preventScroll: true });
  }

  const stops = () => [...document.querySelectorAll("#rows tbody a, .judge")].filter((stop) => stop.checkVisibility());
  function step(by) {
    const all = stops();
    const at = all.findIndex((stop) => stop.contains(document.activeElement));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    if (!next) return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center" });
  }
  const judged = () => document.activeElement?.closest(".judge");
  const press = (selector, within = document) => within?.querySelector(selector)?.click();

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    n: () => press('main a[rel="next"]'),
    p: () => press('main a[rel="prev"]'),
    u: () => press("main a.up"),
    r: () => press('#whole button[value="reviewed"]'),
    a: () => press('button[value="agree"]', judged()),
    o: () => {
      const details = judged()?.querySelector("details");
      if (!details) return;
      details.open = true;
      details.querySelector("select").focus();
    },
    "/": () => document.getElementById("words")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
