// How far runs are: a bar each, with numbers beside it, and how fast it goes.

import { $, ago, el, plain, say } from "./dom.js";

const WINDOW_S = 30;
const QUIET_S = 10;
const cards = new Map();
const many = new Intl.NumberFormat("en");

export const count = () => cards.size;

function card(run) {
  return el("li", { class: "run" },
    el("h3", {}, el("span", {}, run.name), el("span", { class: "badge" })),
    el("div", { class: "meter", role: "progressbar", "aria-label": plain(run.name), "aria-valuemin": 0 },
      el("i", { class: "ok" }), el("i", { class: "failed" })),
    el("p", {}));
}

const done = (run) => run.succeeded + run.failed;
const ended = (run) => run.complete && !run.left;

function state(run) {
  if (run.problem) return ["", ""];
  if (ended(run)) return ["complete", run.failed ? "warn" : "good"];
  if (run.running === null) return ["", ""];
  return run.running ? ["running", "busy"] : ["stopped", "warn"];
}

function words(run, rate) {
  if (run.problem) return run.problem;
  const said = [`${many.format(run.succeeded)} done`];
  if (run.failed) said.push(`${many.format(run.failed)} failed`);
  if (!ended(run)) said.push(`${many.format(run.left)} left`);
  if (!run.complete && !run.left) said.push("more may come");
  if (run.input_tokens || run.output_tokens) {
    said.push(`${many.format(run.input_tokens)} tokens in, ${many.format(run.output_tokens)} out`);
  }
  if (run.cost_usd !== null) said.push(`$${run.cost_usd.toFixed(run.cost_usd < 1 ? 4 : 2)}`);
  if (ended(run)) return said.join(" · ");
  const quiet_s = run.changed_at === null ? 0 : Date.now() / 1000 - run.changed_at;
  if (rate > 0 && quiet_s <= QUIET_S) {
    said.push(`${rate.toFixed(rate < 10 ? 1 : 0)}/s`);
    if (run.complete) said.push(`about ${ago(run.left / rate)} to go`);
  }
  if (quiet_s > QUIET_S) said.push(`last news ${ago(quiet_s)} ago`);
  return said.join(" · ");
}

// Results a second, by what this page saw of the last half minute.
function rate(made) {
  const now = performance.now() / 1000;
  const seen = made.seen;
  while (seen.length > 1 && now - seen[1][0] > WINDOW_S) seen.shift();
  if (now - seen[0][0] < 1) return 0;
  return Math.max(0, (done(made.run) - seen[0][1]) / (now - seen[0][0]));
}

function draw(made) {
  const { run } = made;
  const fast = rate(made);
  const said = words(run, run.running === false ? 0 : fast);
  const meter = $(".meter", made);
  const total = done(run) + run.left;
  meter.setAttribute("aria-valuemax", total);
  meter.setAttribute("aria-valuenow", done(run));
  meter.setAttribute("aria-valuetext", plain(said));
  for (const [name, value] of [["ok", run.succeeded], ["failed", run.failed]]) {
    $(`.${name}`, meter).style.width = `${total ? (100 * value) / total : 0}%`;
  }
  meter.hidden = Boolean(run.problem);
  made.classList.toggle("broken", Boolean(run.problem));
  const badge = $(".badge", made);
  const [told, kind] = state(run);
  badge.className = `badge ${kind}`;
  badge.hidden = !told;
  say(badge, told);
  say($("p", made), said);
}

export function take(runs) {
  const there = new Set((runs || []).map(({ name }) => name));
  for (const [name, made] of cards) {
    if (there.has(name)) continue;
    made.remove();
    cards.delete(name);
  }
  for (const run of runs || []) {
    const made = cards.get(run.name) || Object.assign(card(run), { seen: [] });
    made.run = run;
    made.seen.push([performance.now() / 1000, done(run)]);
    if (!cards.has(run.name)) {
      cards.set(run.name, made);
      $("#runs").append(made);
    }
    draw(made);
  }
  $("#no-runs").hidden = there.size > 0;
}

export function tick() {
  if ($("#view-runs").hidden) return;
  for (const made of cards.values()) if (!made.run.problem) draw(made);
}
