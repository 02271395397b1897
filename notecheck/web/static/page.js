// The page that checks a note: re-checks as the note is edited, takes dropped files, says what happened. It keeps nothing anywhere.
"use strict";

(() => {
  const form = document.getElementById("check");
  const result = document.getElementById("report");
  const message = document.getElementById("message");
  const voice = document.getElementById("voice");
  const { text, document: file, proof } = form.elements;
  const LARGEST = 10_000_000;
  const PAUSE = 450; // milliseconds without a key until the note is checked again
  const TRIES = 4;

  let timer = 0;
  let turn = 0; // the latest check; what an earlier one brings is thrown away
  let asking = new AbortController();

  class Refusal extends Error {}

  // Sends a form and gives the response that is well. A full server is asked again after the time it names.
  async function send(path, body, signal, tries = TRIES) {
    let response;
    try {
      response = await fetch(path, { method: "POST", body, signal, cache: "no-store", headers: { Accept: "application/problem+json" } });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refusal("notecheck does not answer. Is it still running? What you typed is still here.");
    }
    if (response.ok) return response;
    if (response.status === 503 && tries > 1) {
      await new Promise((done) => setTimeout(done, 1000 * (Number(response.headers.get("Retry-After")) || 1)));
      signal.throwIfAborted();
      return send(path, body, signal, tries - 1);
    }
    if (response.status === 401) throw new Refusal("The login has ended: copy what you typed, and log in again.");
    const problem = await response.json().catch(() => ({}));
    throw new Refusal(problem.detail || "notecheck could not do that; try again.");
  }

  async function check(asked) {
    clearTimeout(timer);
    asking.abort();
    asking = new AbortController();
    const mine = ++turn;
    if (!text.value.trim()) {
      show("");
      complain(asked ? "There is no note yet: paste its text, or choose a file." : "");
      if (asked) text.focus();
      return;
    }
    const body = new FormData(form);
    body.delete("document");
    const busy = setTimeout(() => result.setAttribute("aria-busy", "true"), 250);
    try {
      const response = await send("/report", body, asking.signal);
      const html = await response.text();
      if (mine !== turn) return;
      complain("");
      show(html);
      say(asked);
    } catch (error) {
      if (mine !== turn || error.name === "AbortError") return;
      result.classList.add("stale");
      complain(error instanceof Refusal ? error.message : "The page could not show the answer; load it again.");
    } finally {
      clearTimeout(busy);
      if (mine === turn) result.removeAttribute("aria-busy");
    }
  }

  // Puts a report in the place of the last one; what was opened stays open, and the note stays where it was scrolled to.
  function show(html) {
    const opened = new Map([...result.querySelectorAll("details")].map((d) => [d.querySelector("summary").textContent, d.open]));
    const scrolled = result.querySelector(".text")?.scrollTop ?? 0;
    result.innerHTML = html;
    result.classList.remove("stale");
    for (const details of result.querySelectorAll("details")) {
      const before = opened.get(details.querySelector("summary").textContent);
      if (before !== undefined) details.open = before;
    }
    const note = result.querySelector(".text");
    if (note) note.scrollTop = scrolled;
    form.classList.toggle("has-report", Boolean(html));
    document.getElementById("clear").hidden = !text.value;
  }

  function say(asked) {
    const words = [...result.querySelectorAll(".score, .brief")].map((p) => p.textContent.trim().replace(/\s+/g, " ")).join(". ");
    voice.textContent = `Checked. ${words}`;
    if (asked && result.getBoundingClientRect().top > innerHeight * 0.8) result.scrollIntoView({ block: "start" });
  }

  function complain(words) {
    if (message.textContent !== words) message.textContent = words;
  }

  async function take(files) {
    file.value = "";
    if (files.length !== 1) return complain("Those were several files; drop one note at a time.");
    const [chosen] = files;
    if (!chosen.size) return complain("The file is empty; export it again, or paste the note's text.");
    if (chosen.size > LARGEST) return complain(`The file is larger than the ${LARGEST / 1e6} MB that are taken; choose the file of one note.`);
    clearTimeout(timer);
    asking.abort();
    asking = new AbortController();
    const mine = ++turn;
    const body = new FormData();
    body.append("proof", proof.value);
    body.append("document", chosen);
    result.setAttribute("aria-busy", "true");
    try {
      const read = await (await send("/text", body, asking.signal)).json();
      if (mine !== turn) return;
      text.value = read.text;
      text.scrollTop = 0;
      await check(true);
    } catch (error) {
      if (mine === turn && error.name !== "AbortError") complain(error instanceof Refusal ? error.message : "The file cannot be read here; paste its text.");
    } finally {
      if (mine === turn) result.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    check(true);
  });
  form.addEventListener("input", (event) => {
    if (event.target === file) return;
    clearTimeout(timer);
    const at_once = event.inputType === "insertFromPaste" || event.inputType === "insertFromDrop" || event.target.tagName === "SELECT";
    timer = setTimeout(check, at_once ? 0 : PAUSE, false);
  });
  file.addEventListener("change", () => { if (file.files.length) take([...file.files]); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      check(true);
    }
  });
  document.getElementById("clear").addEventListener("click", () => {
    form.reset();
    for (const name of ["text", "service_date", "codes"]) form.elements[name].value = "";
    check(false);
    text.focus();
  });

  // The whole page takes a dropped file: one that misses would be opened in the note's place.
  const carries = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  let leaving = 0;
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    clearTimeout(leaving);
    form.classList.add("dropping");
  });
  document.addEventListener("dragleave", () => { leaving = setTimeout(() => form.classList.remove("dropping"), 80); });
  document.addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    if (!carries(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });

  form.classList.toggle("has-report", Boolean(result.firstElementChild));
  document.getElementById("keys").hidden = false;
  document.getElementById("clear").hidden = !text.value;
  if (/Mac|iPhone|iPad/.test(navigator.platform)) document.getElementById("keys").textContent = "⌘ Enter";
})();
