// Switches for faults: a form that makes one, and the list of those there are.

import { $, change, el, plain, say } from "./dom.js";

const form = $("#fault");
const NUMBERS = ["status", "retry_after", "latency_s", "cut_after", "drip_s", "times"];
const TEXTS = ["stream_error", "headers", "body"];
const FLAGS = ["drop", "as_json"];

function fill(facts) {
  for (const name of [...NUMBERS, ...TEXTS]) form.elements[name].value = facts[name] ?? "";
  for (const name of FLAGS) form.elements[name].checked = Boolean(facts[name]);
}

function read() {
  const facts = { pattern: form.elements.pattern.value.trim() };
  for (const name of NUMBERS) {
    const text = form.elements[name].value.trim().replace(",", ".");
    if (!text) continue;
    const number = Number(text);
    if (Number.isNaN(number)) throw new Error(`${name}: ${text} is not a number`);
    facts[name] = number;
  }
  for (const name of FLAGS) if (form.elements[name].checked) facts[name] = true;
  const error = form.elements.stream_error.value.trim();
  if (error) facts.stream_error = error;
  if (form.elements.body.value) facts.body = form.elements.body.value;
  const lines = form.elements.headers.value.split("\n").filter((line) => line.trim());
  if (lines.length) facts.headers = Object.fromEntries(lines.map(pair));
  return facts;
}

function pair(line) {
  const [, name, value] = /^([^:]+):(.*)$/.exec(line) || [];
  if (!name) throw new Error(`headers: expected name: value, got ${line}`);
  return [name.trim(), value.trim()];
}

const problem = (text) => say($("#fault-problem"), text);

async function submit(event) {
  event.preventDefault();
  try {
    problem("");
    await change("POST", "switches", read());
  } catch (error) {
    problem(error.message);
  }
}

async function tell(method, id, body) {
  problem("");
  try {
    await change(method, `switches/${id}`, body);
  } catch (error) {
    problem(error.message);
  }
}

const times = (met) => (met === 0 ? "not met yet" : met === 1 ? "met once" : `met ${met} times`);
const cards = new Map();

function card(facts) {
  const box = el("input", {
    type: "checkbox", role: "switch",
    onchange: () => tell("POST", facts.id, { on: box.checked }),
  });
  const made = el("li", {},
    el("label", { class: "toggle" }, box,
      el("span", {}, el("code", {}), el("span", { class: "what" }), el("small", {}))),
    el("button", { type: "button", onclick: () => tell("DELETE", facts.id) }, "Remove"));
  $("button", made).setAttribute("aria-label", plain(`Remove: ${facts.pattern}, ${facts.text}`));
  return made;
}

// A keyboard stays near the switch that is gone.
function drop(made) {
  const near = made.nextElementSibling || made.previousElementSibling;
  const focused = made.contains(document.activeElement);
  made.remove();
  if (focused) (near ? $("button", near) : form.elements.pattern).focus();
}

export function take({ switches, ordered }) {
  const there = new Set(switches.map(({ id }) => id));
  for (const [id, made] of cards) {
    if (there.has(id)) continue;
    drop(made);
    cards.delete(id);
  }
  for (const facts of switches) {
    const made = cards.get(facts.id) || card(facts);
    $("input", made).checked = facts.on;
    say($("code", made), facts.pattern);
    say($(".what", made), facts.text);
    const left = facts.on && facts.left !== null ? `, ${facts.left} left` : "";
    say($("small", made), `${facts.on ? "on" : "off"}, ${times(facts.met)}${left}`);
    made.classList.toggle("on", facts.on);
    if (!cards.has(facts.id)) {
      cards.set(facts.id, made);
      $("#switches").append(made);
    }
  }
  $("#ordered").replaceChildren(...ordered.map((rule) =>
    el("li", {}, el("div", {}, el("code", {}, rule.pattern),
      el("span", { class: "what" }, rule.next),
      el("small", {}, `${rule.left} left, ${times(rule.met)}`)))));
  $("#ordered-title").hidden = !ordered.length;
  $("#several-switches").hidden = switches.length < 2;
  $("#no-switches").hidden = switches.length > 0;
  const on = switches.filter((each) => each.on).length + ordered.length;
  say($("#count-faults"), on ? String(on) : "");
}

export function prepare(pattern) {
  form.elements.pattern.value = pattern;
  form.elements.status.focus();
}

export async function start() {
  form.addEventListener("submit", submit);
  for (const button of form.querySelectorAll("[data-preset]")) {
    button.addEventListener("click", () => fill(JSON.parse(button.dataset.preset)));
  }
  const reply = await fetch("operations");
  const { operations } = await reply.json();
  $("#operations").replaceChildren(...operations.map((value) => el("option", { value })));
}
