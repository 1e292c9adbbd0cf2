// The sandbox's own batches and runs of workflows, newest first.

import { $, el, say } from "./dom.js";

const KINDS = {
  canceled: "warn", canceling: "warn", cancelled: "warn", completed: "good", ended: "good",
  failed: "bad", in_progress: "busy", paused: "warn", queued: "busy", running: "busy",
};
const many = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
let made = 0;

export const count = () => made;

const looked = (looks) => (looks ? `asked for ${looks === 1 ? "once" : `${looks} times`}` : "not asked for yet");

function card(name, status, kind, ...notes) {
  return el("li", {}, el("code", {}, name),
    el("span", { class: `badge ${kind || ""}` }, status.replace("_", " ")),
    el("small", {}, notes.filter(Boolean).join(" · ")));
}

function batch(each) {
  const ended = each.status === "ended";
  const kind = each.failed || each.canceled ? "warn" : KINDS[each.status];
  return card(each.id, each.status, kind, many(each.requests, "request"),
    ended && `${each.succeeded} succeeded`, each.failed && `${each.failed} failed`,
    each.canceled && `${each.canceled} canceled`, looked(each.looks));
}

function execution(each) {
  const waits = each.looks || ["queued", "running"].includes(each.status);
  return card(each.workflow, each.status, KINDS[each.status], each.id, waits && looked(each.looks));
}

export function take(news) {
  made = news.batches_made + news.executions_made;
  $("#batches").replaceChildren(...news.batches.map(batch));
  $("#executions").replaceChildren(...news.executions.map(execution));
  $("#work").hidden = !made;
  const more = made - news.batches.length - news.executions.length;
  say($("#more-work"), more ? `and ${more} older` : "");
}
