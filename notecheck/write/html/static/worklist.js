// The worklist of an audit: filter, search, sort and turn pages over the rows of worklist-data.js. A row is made only when it is shown.
// The address keeps the state, so that going back from a note finds the list as it was; what is typed into the search is not kept anywhere.
"use strict";

(() => {
  const PAGE = 50;
  const [SEQ, NOTE, PROVIDER, SITE, PAYER, KIND, DATE, SCOPE, COMPLETE, MISSING, PARTIAL, PROBLEMS, UNBILLED, COVERAGE, BILLED] = Array(15).keys();
  const { rows, elements, verdicts, providers, sites, payers, kinds } = WORKLIST;
  const el = (id) => document.getElementById(id);
  const words = (name) => name.replaceAll("_", " ");
  const count = new Intl.NumberFormat("en-US");
  const named = (name) => name ?? "not named";
  const byName = new Intl.Collator("en", { numeric: true }).compare;

  const haystacks = rows.map((row) =>
    [row[NOTE], providers[row[PROVIDER]] ?? "", ...row[BILLED], ...row[UNBILLED], kinds[row[KIND]]].join("\n").toLowerCase());

  // A facet: the values a row has, and the words for each value, in the order they are offered.
  const facets = {
    scope: { any: "All", of: (row) => [row[SCOPE] ? "in" : "out"], options: [["in", "In scope"], ["out", "Out of scope"]] },
    provider: { any: "Any", of: (row) => [row[PROVIDER]], options: offered(providers) },
    site: { any: "Any", of: (row) => [row[SITE]], options: offered(sites) },
    payer: { any: "Any", of: (row) => [row[PAYER]], options: offered(payers) },
    element: {
      any: "Any",
      of: (row) => row[MISSING].map((n) => elements[n][0]),
      options: elements.map(([id, name]) => [id, name]).sort((a, b) => byName(a[1], b[1])),
    },
    verdict: {
      any: "Any",
      of: (row) => [...new Set(row[PROBLEMS].map((p) => verdicts[p[1]]))],
      options: verdicts.map((v) => [v, words(v)]),
    },
  };
  function offered(names) {
    return names.map((name, n) => [n, named(name)]).sort((a, b) => byName(a[1], b[1]));
  }

  // The kind of a note is told where it is not the usual one.
  const kindCounts = kinds.map((_, kind) => rows.reduce((n, row) => n + (row[KIND] === kind), 0));
  const usual = kindCounts.indexOf(Math.max(...kindCounts));

  const compare = (key) => (a, b) => { const x = key(a), y = key(b); return x < y ? -1 : x > y ? 1 : 0; };
  const number = (n) => compare((row) => row[n] ?? 2);
  const size = (n) => (a, b) => a[n].length - b[n].length;
  const sorts = {
    note: (a, b) => byName(a[NOTE], b[NOTE]),
    date: compare((row) => row[DATE] || "9999"),
    provider: (a, b) => byName(named(providers[a[PROVIDER]]), named(providers[b[PROVIDER]])),
    complete: number(COMPLETE), missing: size(MISSING), partial: size(PARTIAL), problems: size(PROBLEMS), unbilled: size(UNBILLED),
    coverage: number(COVERAGE),
  };
  const largestFirst = new Set(["missing", "partial", "problems", "unbilled", "coverage"]);

  const start = { scope: rows.some((row) => row[SCOPE]) ? "in" : "", sort: "rank", down: false, page: 0 };
  let state = { ...start };
  let found = [];

  function read() {
    const told = new URLSearchParams(location.hash.slice(1));
    if (location.hash && ![...told.keys()].some((key) => key in facets || key === "sort" || key === "page")) return false; // an anchor
    state = { ...start };
    for (const [key, facet] of Object.entries(facets)) {
      if (!told.has(key)) continue;
      const value = facet.options.find(([option]) => String(option) === told.get(key));
      state[key] = value ? value[0] : "";
    }
    if (told.get("sort") in sorts) Object.assign(state, { sort: told.get("sort"), down: told.has("down") });
    state.page = Math.max(0, (parseInt(told.get("page"), 10) || 1) - 1);
    return true;
  }

  function keep() {
    const told = new URLSearchParams();
    for (const key of Object.keys(facets)) if ((state[key] ?? "") !== (start[key] ?? "")) told.set(key, state[key] ?? "");
    if (state.sort !== "rank") told.set("sort", state.sort);
    if (state.down) told.set("down", "1");
    if (state.page) told.set("page", state.page + 1);
    history.replaceState(null, "", "#" + (told.toString() || "worklist"));
  }

  // One pass: a row that fails no facet is found; one that fails a single facet still counts for that facet's other values.
  function filter() {
    const asked = Object.keys(facets).filter((key) => (state[key] ?? "") !== "");
    const counts = Object.fromEntries(Object.keys(facets).map((key) => [key, new Map()]));
    const parts = el("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const add = (key, values) => { for (const v of values) counts[key].set(v, (counts[key].get(v) || 0) + 1); };
    found = [];
    rows.forEach((row, rank) => {
      if (!parts.every((part) => haystacks[rank].includes(part))) return;
      const failed = asked.filter((key) => !facets[key].of(row).includes(state[key]));
      if (failed.length > 1) return;
      if (failed.length) return add(failed[0], facets[failed[0]].of(row));
      found.push(rank);
      for (const key of Object.keys(facets)) add(key, facets[key].of(row));
    });
    if (state.sort !== "rank") {
      const by = sorts[state.sort], sign = state.down ? -1 : 1;
      found.sort((a, b) => sign * by(rows[a], rows[b]) || a - b);
    } else if (state.down) found.reverse();
    return counts;
  }

  function show() {
    const counts = filter();
    state.page = Math.min(state.page, Math.max(0, Math.ceil(found.length / PAGE) - 1));
    for (const select of document.querySelectorAll("[data-facet]")) offer(select, counts[select.dataset.facet]);
    for (const button of document.querySelectorAll("[data-sort]")) {
      const own = button.dataset.sort === state.sort;
      const header = button.closest("th");
      if (own) header.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
    }
    const first = state.page * PAGE, shown = found.slice(first, first + PAGE);
    document.querySelector(".rows tbody").replaceChildren(...shown.map(line));
    el("worklist-count").textContent = found.length === rows.length
      ? `${count.format(rows.length)} notes` : `${count.format(found.length)} of ${count.format(rows.length)} notes`;
    document.querySelector(".pager").hidden = found.length <= PAGE;
    el("range").textContent = `${count.format(first + 1)}–${count.format(first + shown.length)} of ${count.format(found.length)}`;
    el("earlier").disabled = !state.page;
    el("later").disabled = first + PAGE >= found.length;
  }

  function offer(select, counts) {
    const key = select.dataset.facet, chosen = state[key] ?? "";
    const options = [[facets[key].any, ""]];
    for (const [value, name] of facets[key].options) {
      const n = counts.get(value) || 0;
      if (n || value === chosen) options.push([`${name} (${count.format(n)})`, String(value)]);
    }
    select.replaceChildren(...options.map(([name, value]) => new Option(name, value, false, value === String(chosen))));
  }

  // Every word goes in as text, never as HTML.
  function make(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }
  const SVG = "http://www.w3.org/2000/svg";
  function draw(tag, attributes, ...children) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }
  const sign = (name) => draw("svg", { class: "icon", "aria-hidden": "true" }, draw("use", { href: `#i-${name}` }));
  const pageOf = (seq) => `notes/${String(Math.floor(seq / 1000)).padStart(4, "0")}/${String(seq).padStart(7, "0")}.html`;

  function line(rank) {
    const row = rows[rank];
    const cell = (name, label, ...children) => {
      const made = make("td", `c-${name}`, ...children);
      made.dataset.label = label;
      return made;
    };
    const note = make("th", "c-note");
    note.scope = "row";
    if (row[SCOPE]) {
      const link = make("a", "", row[NOTE]);
      link.href = pageOf(row[SEQ]);
      note.append(link);
    } else note.append(row[NOTE]);
    if (row[KIND] !== usual) note.append(" ", make("span", "kind", kinds[row[KIND]]));
    const made = make("tr", row[SCOPE] ? "" : "out",
      cell("rank n", "Rank", count.format(rank + 1)), note, cell("date", "Service date", row[DATE]),
      cell("provider", "Provider", providers[row[PROVIDER]] ?? ""), cell("complete", "Complete", ...complete(row)),
      cell("missing", "Missing", ...lacking(row)), cell("partial n", "Partial", row[PARTIAL].length || ""),
      cell("problems", "Billed codes in question", ...row[PROBLEMS].map(problem)), cell("unbilled", "Supported, not billed", row[UNBILLED].join(", ")),
      cell("coverage n", "Coverage open", row[COVERAGE] || ""));
    return made;
  }
  function complete(row) {
    if (row[COMPLETE] === null) return [row[SCOPE] ? "–" : "out of scope"];
    const share = Math.round(100 * row[COMPLETE]);
    return [draw("svg", { class: "bar-svg", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      draw("rect", { class: "track", width: 100, height: 10 }), draw("rect", { class: "b-plain", width: share, height: 10 })), make("span", "", `${share}%`)];
  }
  function lacking(row) {
    if (!row[MISSING].length) return [];
    const names = row[MISSING].map((n) => elements[n][1]).join(", ");
    const told = make("span", "names", names);
    told.title = names;
    return [make("span", "number", String(row[MISSING].length)), told];
  }
  function problem([code, verdict]) {
    return make("span", "row-problem", sign("wrong"), make("span", "code", code), ` ${words(verdicts[verdict])}`);
  }

  function change(changes) {
    Object.assign(state, { page: 0 }, changes);
    show();
    keep();
  }
  function turn(by) {
    state.page += by;
    show();
    keep();
    el("worklist").scrollIntoView();
  }

  el("search").addEventListener("input", () => change({}));
  el("clear").addEventListener("click", () => {
    el("search").value = "";
    state = { ...start };
    change({});
  });
  el("earlier").addEventListener("click", () => turn(-1));
  el("later").addEventListener("click", () => turn(1));
  for (const select of document.querySelectorAll("[data-facet]")) {
    select.addEventListener("change", () => {
      const value = facets[select.dataset.facet].options.find(([option]) => String(option) === select.value);
      change({ [select.dataset.facet]: value ? value[0] : "" });
    });
  }
  for (const button of document.querySelectorAll("[data-sort]")) {
    button.addEventListener("click", () => {
      const sort = button.dataset.sort;
      change({ sort, down: sort === state.sort ? !state.down : largestFirst.has(sort) });
    });
  }
  addEventListener("hashchange", () => {
    if (!read()) return;
    show();
    el("worklist").scrollIntoView();
    el("worklist").focus({ preventScroll: true });
  });

  for (const part of document.querySelectorAll("#filters, .rows")) part.hidden = false;
  document.querySelector(".rows").classList.toggle("no-coverage", !rows.some((row) => row[COVERAGE]));
  read();
  show();
})();
