// JSON laid out by its text, not by its values: large numbers, doubled names and what
// was cut off are shown as they came.

import { el, plain } from "./dom.js";

const PART = /("(?:[^"\\]|\\.)*"?)(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b|([{}[\],])|(\s+)|([^])/g;

export function isJson(text, cut) {
  if (!/^\s*[{["\d\-tfn]/.test(text)) return false;
  if (cut) return /^\s*[{[]/.test(text);
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// A browser lays out thousands of coloured pieces slowly: what follows stays plain.
const COLOURED = 4000;

function pieces() {
  const out = document.createDocumentFragment();
  let coloured = 0;
  let waiting = "";
  const flush = () => {
    if (waiting) out.append(plain(waiting));
    waiting = "";
  };
  return {
    append(text, kind = "") {
      if (!kind || coloured >= COLOURED) return void (waiting += text);
      coloured += 1;
      flush();
      out.append(el("span", { class: kind }, text));
    },
    whole() {
      flush();
      return out;
    },
  };
}

export function json(text) {
  const out = pieces();
  let deep = 0;
  let opened = false;
  const line = () => "\n" + "  ".repeat(Math.max(deep, 0));
  for (const [all, string, colon, number, word, mark] of text.matchAll(PART)) {
    if (mark === "}" || mark === "]") {
      deep -= 1;
      out.append(opened ? mark : line() + mark);
      opened = false;
      continue;
    }
    if (/^\s/.test(all) && !string) continue;
    if (opened) out.append(line());
    opened = mark === "{" || mark === "[";
    if (opened) {
      deep += 1;
      out.append(mark);
    } else if (mark === ",") out.append("," + line());
    else if (string && colon) out.append(string + ": ");
    else if (string) out.append(string, "s");
    else if (number || word) out.append(all, "n");
    else out.append(all);
  }
  return out.whole();
}

export function block(text, cut = false) {
  return el("pre", { tabindex: 0 }, isJson(text, cut) ? json(text) : text);
}

// The events of a stream: name, data, and the place in the bytes where each ends.
export function events(text) {
  const coder = new TextEncoder();
  const found = [];
  let end = 0;
  const parts = text.split(/(\r?\n\r?\n)/);
  for (let at = 0; at < parts.length; at += 2) {
    const [part, blank = ""] = parts.slice(at, at + 2);
    end += coder.encode(part + blank).length;
    const event = { name: "", data: [], end, whole: blank !== "" };
    for (const line of part.split(/\r?\n/)) {
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line) || [];
      if (field === "event") event.name = value;
      if (field === "data") event.data.push(value);
    }
    if (event.name || event.data.length) found.push(event);
  }
  return found.map((event) => ({ ...event, data: event.data.join("\n") }));
}

// The text that the events add up to, in the ways of the services here.
export function textOf(list) {
  let text = "";
  for (const { data } of list) {
    try {
      const value = JSON.parse(data);
      const piece = value.delta?.text ?? value.choices?.[0]?.delta?.content ?? value.chunk;
      if (typeof piece === "string") text += piece;
    } catch {
      continue;
    }
  }
  return text;
}
