// Which view is shown, and the stream of news that fills all of them.

import { $, say } from "./dom.js";
import * as detail from "./detail.js";
import * as faults from "./faults.js";
import * as requests from "./requests.js";
import * as runs from "./runs.js";
import * as work from "./work.js";

const VIEWS = ["requests", "faults", "runs"];
let source = null;
let known = "";

function route() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  const view = name === "request" ? "requests" : VIEWS.includes(name) ? name : "requests";
  for (const each of VIEWS) {
    $(`#view-${each}`).hidden = each !== view;
    const link = $(`nav [data-view="${each}"]`);
    if (each === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const number = name === "request" ? Number(rest[0]) || 0 : 0;
  requests.choose(number);
  detail.show(number);
  if (view === "faults" && rest.length) faults.prepare(decodeURIComponent(rest.join("/")));
}

function connected(state) {
  const words = { live: "live", lost: "connection lost, trying again", quiet: "paused while hidden" };
  say($("#connection"), words[state]);
  $("#connection").dataset.state = state;
}

function listen() {
  if (source) return;
  source = new EventSource("events");
  source.addEventListener("hello", (event) => {
    const { instance, kept } = JSON.parse(event.data);
    if (known && known !== instance) return location.reload();
    known = instance;
    requests.keeps(kept);
    connected("live");
  });
  source.addEventListener("news", (event) => {
    const news = JSON.parse(event.data);
    if (news.requests || news.kept) requests.take(news.requests || [], news.kept?.oldest);
    if (news.faults) faults.take(news.faults);
    if ("runs" in news) runs.take(news.runs);
    if (news.work) work.take(news.work);
    say($("#count-runs"), runs.count() + work.count() ? String(runs.count() + work.count()) : "");
    detail.refresh();
  });
  source.addEventListener("error", () => {
    connected("lost");
    // A refusal closes it for good; a sandbox that was started anew is tried again.
    if (source.readyState === EventSource.CLOSED) {
      leave();
      setTimeout(listen, 3000);
    }
  });
}

function leave() {
  source?.close();
  source = null;
}

// A browser has six connections to one address: pages that nobody sees give theirs up.
function seen() {
  if (document.hidden) {
    leave();
    connected("quiet");
  } else listen();
}

// While the connection is lost, clocks stand still: nobody knows.
setInterval(() => {
  if ($("#connection").dataset.state !== "live") return;
  requests.tick();
  detail.tick();
  runs.tick();
}, 250);

requests.start();
faults.start().catch(() => {});
runs.take([]);
addEventListener("hashchange", route);
document.addEventListener("visibilitychange", seen);
route();
seen();
