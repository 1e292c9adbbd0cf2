// The list of requests: newest first, changed in place, filtered by words.

import { $, change, clock, el, say, took } from "./dom.js";

const rows = new Map();
const body = $("#requests tbody");
const filter = $("#filter");
let chosen = 0;
let paused = false;
let waiting = new Map();
let waitingOldest = 0;
let kept = Infinity;

// Milliseconds that a request under way has taken by now, as far as is known.
export function running(number) {
  const entry = rows.get(number);
  if (entry?.facts.state !== "open" || paused) return null;
  return entry.facts.running_ms + performance.now() - entry.told;
}

export const version = (number) => rows.get(number)?.facts.version;

function statusText(facts) {
  if (facts.state === "dropped") return "drop";
  if (facts.status === null) return "…";
  return String(facts.status);
}

function kind(facts) {
  if (facts.state === "open") return "open";
  if (facts.state !== "done") return "bad";
  if (facts.status >= 500) return "bad";
  return facts.status >= 400 ? "warn" : "good";
}

export const STATES = {
  open: "under way",
  done: "done",
  cut: "cut off",
  dropped: "dropped",
  left: "the caller left",
};

function make(facts) {
  const link = el("a", { href: `#request/${facts.number}`, tabindex: -1 });
  const cell = (kind, ...children) => el("td", { role: "cell", class: kind }, ...children);
  const row = el(
    "tr",
    { role: "row", onclick: () => (location.hash = link.hash) },
    cell("time"),
    cell("method"),
    cell("path", el("div", {}, link, el("span", { class: "badge", hidden: true }))),
    cell("number status"),
    cell("number took"),
  );
  return { row, link, facts };
}

function draw(entry) {
  const { row, link, facts } = entry;
  const [time, method, path, status, ms] = row.children;
  say(time, clock(facts.at));
  say(method, facts.method);
  say(link, facts.path + (facts.query ? "?" + facts.query : ""));
  link.title = link.textContent;
  const mark = $(".badge", path);
  const words = [facts.fault && "fault", facts.streams && "stream"];
  if (facts.attempt > 1) words.push(`try ${facts.attempt}`);
  if (facts.state === "cut" || facts.state === "left") words.push(STATES[facts.state]);
  const told = words.filter(Boolean).join(" · ");
  mark.hidden = !told;
  mark.classList.toggle("fault", Boolean(facts.fault));
  mark.title = facts.fault || "";
  say(mark, told);
  say(status, statusText(facts));
  say(ms, facts.state === "open" ? `${took(facts.running_ms)} …` : took(facts.ms));
  row.dataset.kind = kind(facts);
  row.classList.toggle("chosen", facts.number === chosen);
  if (facts.number === chosen) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
  row.hidden = !fits(facts);
}

function fits(facts) {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [
    facts.method, facts.path, facts.query, statusText(facts), STATES[facts.state],
    facts.fault ? `fault ${facts.fault}` : "", facts.streams ? "stream" : "",
    facts.attempt > 1 ? `try ${facts.attempt} retry` : "",
  ].join(" ").toLowerCase();
  return words.every((word) => text.includes(word));
}

export function take(list, oldest) {
  waitingOldest = oldest ?? waitingOldest;
  for (const facts of list) waiting.set(facts.number, facts);
  for (const number of waiting.keys()) if (number < waitingOldest) waiting.delete(number);
  if (paused) return say($("#pause"), `Resume (${waiting.size})`);
  const ordered = [...waiting.values()].sort((a, b) => a.number - b.number);
  waiting = new Map();
  for (const facts of ordered) {
    const known = rows.get(facts.number) || make(facts);
    known.facts = facts;
    known.told = performance.now();
    draw(known);
    if (!rows.has(facts.number)) {
      rows.set(facts.number, known);
      body.prepend(known.row);
    }
  }
  for (const [number, { row }] of rows) {
    if (number >= waitingOldest) break;
    row.remove();
    rows.delete(number);
  }
  count();
}

export const focus = (number) => rows.get(number)?.link.focus();

export function tick() {
  for (const [number, { row, facts }] of rows) {
    if (facts.state === "open" && !paused) say(row.lastChild, `${took(running(number))} …`);
  }
}

export function keeps(number) {
  kept = number;
  say($("#older"), `Only the last ${number} requests are kept.`);
}

function count() {
  const shown = [...rows.values()].filter(({ row }) => !row.hidden).length;
  const full = rows.size >= kept;
  say($("#count-requests"), rows.size ? `${rows.size}${full ? "+" : ""}` : "");
  $("#older").hidden = !full;
  $("#no-requests").hidden = shown > 0;
  if (!entrance?.isConnected || entrance.closest("tr").hidden) enterBy($("tr:not([hidden]) a", body));
  const nothing = rows.size ? "No request fits the filter." : null;
  if (nothing || !rows.size) emptied(nothing);
}

const usual = [...$("#no-requests").childNodes];
function emptied(text) {
  $("#no-requests").replaceChildren(...(text ? [text] : usual));
}

export function choose(number) {
  chosen = number;
  for (const entry of rows.values()) draw(entry);
}

// The list is one stop of the tabulator, as long as it may be: arrows walk within it.
let entrance = null;
function enterBy(link) {
  entrance?.setAttribute("tabindex", "-1");
  link?.setAttribute("tabindex", "0");
  entrance = link;
}

function move(event) {
  const row = event.target.closest("tr");
  if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
  const steps = {
    ArrowDown: [row.nextElementSibling, "nextElementSibling"],
    ArrowUp: [row.previousElementSibling, "previousElementSibling"],
    End: [body.lastElementChild, "previousElementSibling"],
    Home: [body.firstElementChild, "nextElementSibling"],
  };
  if (!Object.hasOwn(steps, event.key)) return;
  event.preventDefault();
  let [next, step] = steps[event.key];
  while (next?.hidden) next = next[step];
  if (next) $("a", next).focus();
}

export function start() {
  say($("#address"), location.origin);
  body.addEventListener("keydown", move);
  body.addEventListener("focusin", ({ target }) => enterBy(target));
  filter.addEventListener("input", () => {
    for (const entry of rows.values()) draw(entry);
    count();
  });
  $("#pause").addEventListener("click", () => hold(!paused));
  $("#clear").addEventListener("click", () =>
    change("POST", "clear").then(() => hold(false)).catch(() => {}));
  count();
}

function hold(on) {
  paused = on;
  $("#pause").setAttribute("aria-pressed", String(paused));
  say($("#pause"), paused ? "Resume" : "Pause");
  if (!paused) take([]);
}
