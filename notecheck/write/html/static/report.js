// What a report does in the browser: pointing at a mark says what it is, a click on a finding shows its words, and back.
// Events are taken at the document, so that a report put into the page later needs no call. Nothing is stored or sent.
"use strict";

(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // readers have the same words by aria-describedby
  let owner = null;

  const marksOf = (link) => link.dataset.marks.split(" ");
  const touched = (numbers) => {
    const wanted = new Set(numbers);
    return [...document.querySelectorAll(".text .ev")].filter((ev) => marksOf(ev).some((n) => wanted.has(n)));
  };

  const spaced = (thing) => thing.textContent.trim().replace(/\s+/g, " ");
  function words(thing) {
    const status = thing.querySelector(".status"); // stands last
    return status ? `${spaced(thing).slice(0, -spaced(status).length).trim()} – ${spaced(status)}` : spaced(thing);
  }

  function describe(link) {
    const lines = [];
    let line = null;
    for (const id of (link.getAttribute("aria-describedby") || "").split(/\s+/)) {
      const told = id && document.getElementById(id);
      if (!told) continue;
      if (id.startsWith("n-") || !line) {
        line = document.createElement("p");
        lines.push(line);
      }
      const part = document.createElement(id.startsWith("n-") ? "strong" : "span");
      part.textContent = words(told);
      line.append(part);
    }
    return lines;
  }

  function show(link) {
    hide();
    const lines = describe(link);
    if (!lines.length) return;
    owner = link;
    tip.replaceChildren(...lines);
    if (!tip.isConnected) document.body.append(tip);
    tip.hidden = false;
    const box = link.getClientRects()[0];
    if (!box) return hide();
    const below = box.bottom + 6 + tip.offsetHeight < innerHeight;
    const top = below ? box.bottom + 6 : Math.max(4, box.top - tip.offsetHeight - 6);
    const left = Math.min(Math.max(8, box.left), Math.max(8, document.documentElement.clientWidth - tip.offsetWidth - 8));
    tip.style.top = `${top + scrollY}px`;
    tip.style.left = `${left + scrollX}px`;
    const numbers = new Set(marksOf(link));
    for (const other of document.querySelectorAll(".report [data-marks]")) {
      if (other !== link && other.matches(".ev, .evidence a")) other.classList.toggle("lit", marksOf(other).some((n) => numbers.has(n)));
    }
  }

  function hide() {
    tip.hidden = true;
    owner = null;
    for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  }

  function flash(things) {
    for (const thing of things) {
      thing.classList.remove("flash");
      void thing.offsetWidth; // starts the animation anew
      thing.classList.add("flash");
      setTimeout(() => thing.classList.remove("flash"), 1700);
    }
  }

  function goTo(target, all) {
    for (let up = target.parentElement; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    hide();
    flash(all);
  }

  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) return copyText(copy);
    const link = event.target.closest(".report a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.matches(".ev")) {
      const item = document.getElementById(link.hash.slice(1) && decodeURIComponent(link.hash.slice(1)));
      if (item) {
        event.preventDefault();
        goTo(item, [item]);
      }
    } else if (link.dataset.marks) {
      const words = touched(marksOf(link));
      if (words.length) {
        event.preventDefault();
        goTo(words[0], words);
      }
    }
  });

  const pointed = (event) => event.target.closest && event.target.closest(".text .ev, .evidence a");
  document.addEventListener("pointerover", (event) => {
    const link = pointed(event);
    if (link && link !== owner) show(link);
    else if (!link && owner && owner !== document.activeElement && !event.target.closest(".tip")) hide();
  });
  document.addEventListener("focusin", (event) => {
    const link = pointed(event);
    if (link && link.matches(":focus-visible")) show(link);
    else if (owner) hide();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && owner) hide();
  });

  // Paper shows what is folded away on the screen.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll(".report details:not([open])")];
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of folded) details.open = false; });

  async function copyText(button) {
    const text = document.getElementById(button.dataset.copy).textContent;
    const before = button.dataset.label || button.textContent;
    button.dataset.label = before;
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = copyBySelection(document.getElementById(button.dataset.copy));
    }
    say(done ? "Copied." : "Select the text and copy it.");
    button.firstChild.textContent = done ? "Copied" : "Select and copy";
    setTimeout(() => { button.firstChild.textContent = "Copy"; }, 2000);
  }

  function copyBySelection(thing) {
    getSelection().selectAllChildren(thing);
    return document.execCommand("copy");
  }

  const voice = document.createElement("div");
  voice.className = "unseen";
  voice.setAttribute("role", "status");
  function say(words) {
    voice.textContent = words;
  }

  function ready() {
    document.body.append(tip, voice);
    reveal(document.body);
    new MutationObserver((changes) => {
      for (const change of changes) for (const node of change.addedNodes) if (node.querySelectorAll) reveal(node);
    }).observe(document.body, { childList: true, subtree: true });
  }
  const reveal = (root) => { for (const button of root.querySelectorAll("[data-copy][hidden]")) button.hidden = false; };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
})();
