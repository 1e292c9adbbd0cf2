// Making elements. Text becomes text nodes only, so nothing shown is ever markup.

export const $ = (selector, within = document) => within.querySelector(selector);

export function el(tag, facts = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

// Writes only where something differs: a selection and a reader are left in peace.
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
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

export function clock(at) {
  const time = new Date(at * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
