// How far runs are: a bar each, with numbers beside it.

import { $, el, say } from "./dom.js";

const cards = new Map();
const many = new Intl.NumberFormat("en");

function card(run) {
  return el("li", { class: "run" },
    el("h3", {}, run.name),
    el("div", { class: "meter", role: "progressbar", "aria-label": run.name, "aria-valuemin": 0 },
      el("i", { class: "ok" }), el("i", { class: "failed" })),
    el("p", {}));
}

function words(run) {
  if (run.problem) return run.problem;
  const said = [`${many.format(run.succeeded)} done`];
  if (run.failed) said.push(`${many.format(run.failed)} failed`);
  said.push(run.left || !run.complete ? `${many.format(run.left)} left` : "complete");
  if (!run.complete && !run.left) said.push("more may come");
  if (run.cost_usd !== null) said.push(`$${run.cost_usd.toFixed(run.cost_usd < 1 ? 4 : 2)}`);
  return said.join(" · ");
}

export function take(runs) {
  const there = new Set((runs || []).map(({ name }) => name));
  for (const [name, made] of cards) {
    if (there.has(name)) continue;
    made.remove();
    cards.delete(name);
  }
  for (const run of runs || []) {
    const made = cards.get(run.name) || card(run);
    const total = run.succeeded + run.failed + run.left;
    const meter = $(".meter", made);
    meter.setAttribute("aria-valuemax", total);
    meter.setAttribute("aria-valuenow", run.succeeded + run.failed);
    meter.setAttribute("aria-valuetext", words(run));
    for (const [name, value] of [["ok", run.succeeded], ["failed", run.failed]]) {
      $(`.${name}`, meter).style.width = `${total ? (100 * value) / total : 0}%`;
    }
    meter.hidden = Boolean(run.problem);
    made.classList.toggle("broken", Boolean(run.problem));
    say($("p", made), words(run));
    if (!cards.has(run.name)) {
      cards.set(run.name, made);
      $("#runs").append(made);
    }
  }
  $("#no-runs").hidden = there.size > 0;
  say($("#count-runs"), there.size ? String(there.size) : "");
}
