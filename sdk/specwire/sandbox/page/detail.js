// One exchange: headers, bodies, and a stream's events as they come. Only what differs
// is written anew, so that what is unfolded, marked or focused stays so.

import { $, bytes, clock, el, say, took } from "./dom.js";
import { block, events, textOf } from "./pretty.js";
import { STATES, focus, running, version } from "./requests.js";

const place = $("#detail");
let shown = 0;
let drawn = -1;
let asking = false;

export function show(number) {
  const before = shown;
  // Who goes back is where they were; a link to a part of the page has let focus go.
  const lost = place.contains(document.activeElement) || document.activeElement === document.body;
  shown = number;
  drawn = -1;
  place.hidden = !number;
  $("#no-detail").hidden = Boolean(number);
  $("#view-requests").classList.toggle("opened", Boolean(number));
  if (!number) return void (lost && focus(before));
  place.replaceChildren(back(), el("p", { class: "empty" }, "…"));
  if (!$(".list").offsetParent) place.focus();
  refresh();
}

// Called with every piece of news: asks again only where this exchange has changed.
export async function refresh() {
  if (!shown || asking || drawn === (version(shown) ?? -2)) return;
  asking = true;
  const number = shown;
  try {
    const reply = await fetch(`requests/${number}`);
    const facts = await reply.json();
    if (number === shown) {
      drawn = facts.version ?? version(number) ?? -2;
      if (reply.ok) draw(facts);
      else place.replaceChildren(back(), el("p", { class: "empty" }, facts.error));
    }
  } catch {
    // The connection is told about elsewhere; the next piece of news asks again.
  } finally {
    asking = false;
  }
  if (number !== shown) refresh();
}

// Between two pieces of news, the time of what is under way goes on.
export function tick() {
  const ms = running(shown);
  const place = $("#took");
  if (ms !== null && place) say(place, took(ms));
}

const back = () => el("a", { class: "back", href: "#requests" }, "← All requests");

function draw(facts) {
  if (!$(`#parts[data-number="${facts.number}"]`, place)) frame(facts);
  fill("summary", [facts.status, facts.state, facts.ms, facts.running_ms], () => summary(facts));
  part("request-headers", String(facts.headers.length), facts.headers, headers);
  part("request-body", size(facts.body), facts.body, content);
  part("reply-headers", String(facts.reply_headers.length), facts.reply_headers, headers);
  const list = facts.streams ? events(facts.reply.text) : [];
  if (!list.some((event) => event.data)) return part("reply", size(facts.reply), facts.reply, content);
  part("reply", `${list.length} events, ${size(facts.reply)}`, "stream", stream);
  flow(facts, list);
}

function frame(facts) {
  const fold = (id, title, open) =>
    el("details", { id, open }, el("summary", {}, title, " ", el("small")), el("div"));
  place.replaceChildren(
    back(),
    el("h2", {}, el("span", { class: "method" }, facts.method), " ",
      facts.path + (facts.query ? "?" + facts.query : "")),
    el("div", { id: "parts", "data-number": facts.number },
      el("div", { id: "summary" }, el("div")),
      fold("request-headers", "Request headers", false),
      fold("request-body", "Request body", true),
      fold("reply-headers", "Reply headers", false),
      fold("reply", facts.streams ? "Stream" : "Reply", true)));
}

function fill(id, value, make) {
  const box = $(`#${id} > div`, place);
  const mark = JSON.stringify(value);
  if (box.mark === mark) return;
  box.mark = mark;
  box.replaceChildren(make(value));
}

function part(id, note, value, make) {
  say($(`#${id} small`, place), note);
  fill(id, value, make);
}

function summary(facts) {
  const pairs = [
    ["Status", facts.status === null ? "…" : String(facts.status)],
    ["State", STATES[facts.state]],
    ["Took", el("span", { id: "took" }, took(facts.ms ?? facts.running_ms))],
    ["Answered after", facts.answered_ms === null ? null : took(facts.answered_ms)],
    ["At", clock(facts.at)],
    ["Try", facts.attempt > 1 ? `${facts.attempt}, by its idempotency key` : null],
    ["Request id", facts.request_id],
    ["Fault", facts.fault],
  ];
  const operation = `${facts.method} ${facts.path}`;
  return el("div", { class: "summary" },
    el("dl", {}, ...pairs.filter(([, value]) => value).map(([name, value]) =>
      el("div", name === "Fault" ? { class: "fault" } : {}, el("dt", {}, name), el("dd", {}, value)))),
    el("a", { class: "button", href: `#faults/${encodeURIComponent(operation)}` }, "Let it fail"));
}

function size({ size: total, cut, kind }) {
  if (!total) return "empty";
  const kept = kind === "bytes" ? "not text, its beginning is shown" : "only its beginning is kept";
  return bytes(total) + (cut ? `, ${kept}` : "");
}

function headers(pairs) {
  if (!pairs.length) return el("p", { class: "hint" }, "none");
  return el("table", { class: "headers" }, el("tbody", {}, ...pairs.map(([name, value]) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", {}, value)))));
}

function content({ text, cut, kind }) {
  if (!text) return el("p", { class: "hint" }, "no body");
  return kind === "bytes" ? el("pre", { tabindex: 0 }, text) : block(text, cut);
}

// -- a stream ------------------------------------------------------------------------

const stream = () => el("div", {},
  el("p", { class: "spoken", hidden: true }),
  el("ol", { class: "events", tabindex: 0, "aria-label": "Events" }));

function flow(facts, list) {
  const spoken = $(".spoken", place);
  const text = textOf(list);
  spoken.hidden = !text;
  say(spoken, text);
  const box = $(".events", place);
  const below = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  list.forEach((event, index) => {
    const known = box.children[index];
    if (known?.data === event.data && known.whole === event.whole) return;
    const made = item(event, facts.marks.find(([sent]) => sent >= event.end)?.[1]);
    if (known) known.replaceWith(made);
    else box.append(made);
  });
  if (below && facts.state === "open") box.scrollTop = box.scrollHeight;
}

function item(event, ms) {
  const fold = el("details", {}, el("summary", {},
    el("span", { class: "at" }, ms === undefined ? "" : `+${took(ms)}`),
    el("b", {}, event.name || "data"),
    el("code", {}, event.data + (event.whole ? "" : " …"))));
  fold.addEventListener("toggle", () => fold.append(block(event.data)), { once: true });
  return Object.assign(el("li", {}, fold), { data: event.data, whole: event.whole });
}
