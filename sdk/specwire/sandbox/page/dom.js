// Making elements. Text becomes text nodes only, so nothing shown is ever markup.

export const $ = (selector, within = document) => within.querySelector(selector);

export function el(tag, facts = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null).map((child) =>
    typeof child === "string" ? plain(child) : child));
  return made;
}

// What has no shape of its own, or turns the text around it: control characters, marks
// of direction, invisible letters. Joiners stay: emoji and some scripts need them.
const UNSEEN = /[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e01ef}]/gu;

const spelled = (char) =>
  `‹U+${char.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}›`;

export const plain = (text) => text.replace(UNSEEN, spelled);

// Writes only where something differs: a selection and a reader are left in peace.
export function say(node, text) {
  const shown = plain(text);
  if (node.textContent !== shown) node.textContent = shown;
}

const token = $('meta[name="specwire-token"]').content;

export async function change(method, path, body) {
  const reply = await fetch(path, {
    method,
    headers: { "content-type": "application/json", "x-specwire-token": token },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (reply.ok) return;
  const told = await reply.json().catch(() => ({}));
  throw new Error(told.error || `the sandbox answered ${reply.status}`);
}

export function bytes(size) {
  if (size < 1000) return `${size} B`;
  const [unit, by] = size < 1e6 ? ["kB", 1e3] : ["MB", 1e6];
  return `${(size / by).toFixed(size / by < 10 ? 1 : 0)} ${unit}`;
}

export function took(ms) {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 10000 ? 2 : 1)} s`;
}

export function ago(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

export function clock(at) {
  const time = new Date(at * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
