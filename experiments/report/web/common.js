"use strict";
// What all parts of the page share: the data, the numbers' text, elements, colours.
// One or several comparisons; the page shows one, ?results=N. Choosing another loads the page anew, so that no part has to forget anything.
const results = JSON.parse(document.getElementById("data").textContent);
const chosen = Math.min(Math.max(Math.trunc(Number(new URLSearchParams(location.search).get("results"))) || 0, 0), results.length - 1);
const data = results[chosen];
const activities = ["compute", "upload", "download", "wait", "down"];
const someoneWasDown = (data.runs || []).some((run) => run.workers.some((worker) => worker.down > 0));
const activityOf = { c: 0, u: 1, d: 2, w: 3, x: 4 };

const byId = (id) => document.getElementById(id);
/// An element with attributes and children; strings become text, never markup.
function make(tag, attributes = {}, ...children) {
  const element = tag.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "style") element.style.cssText = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
const swatch = (colour) => make("span", { class: "swatch", style: `background:${colour}` });
/// Waiting is the absence of activity: a grey near the background, light or dark.
const activityColour = (a) => (a === 3 ? "var(--wait)" : data.activity_colours[a]);
const cssColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const finite = (value) => typeof value === "number" && Number.isFinite(value);
function fixed(value, decimals) {
  if (!finite(value)) return "–";
  const text = value.toFixed(decimals);
  return text.length <= 10 ? text : value.toExponential(2);
}
function count(value) {
  if (!finite(value)) return "–";
  return value.toLocaleString("en", { maximumFractionDigits: Number.isInteger(value) ? 0 : 1 }).replaceAll(",", "\u202f");
}
function duration(seconds) {
  if (!finite(seconds)) return "–";
  if (seconds < 9.9995) return seconds.toFixed(3) + " s";
  if (seconds < 59.95) return seconds.toFixed(1) + " s";
  const whole = Math.round(seconds), two = (n) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  if (days > 0) return `${days}d ${two(hours % 24)}h ${two(minutes % 60)}m`;
  if (hours > 0) return `${hours}h ${two(minutes % 60)}m ${two(whole % 60)}s`;
  return `${minutes}m ${two(whole % 60)}s`;
}
function timeUnit(longest) {
  if (longest > 3 * 86400) return { name: "days", seconds: 86400 };
  if (longest > 2 * 3600) return { name: "hours", seconds: 3600 };
  if (longest > 5 * 60) return { name: "minutes", seconds: 60 };
  return { name: "seconds", seconds: 1 };
}

function meanAndBand(values) {
  const n = values.length, mean = values.reduce((a, b) => a + b, 0) / n;
  if (n < 2) return { mean, half: 0 };
  const squares = values.reduce((a, b) => a + (b - mean) ** 2, 0);
  return { mean, half: data.student_t[n - 2] * Math.sqrt(squares / (n - 1) / n) };
}

/// MB, GB or TB by the largest; counts in thousands or millions are left to the labels.
function byteUnit(largest) {
  if (largest > 2e12) return { name: "TB", seconds: 1e12 };
  if (largest > 2e9) return { name: "GB", seconds: 1e9 };
  return { name: "MB", seconds: 1e6 };
}

function save(name, text) {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
function csv(rows) {
  const field = (value) => {
    let text = value === null || value === undefined ? "" : String(value);
    // As csv_field() of csv.h: what a spreadsheet would take for a formula is marked as text.
    if (typeof value === "string" && /^[=+@\t\r-]/.test(text) && !Number.isFinite(Number(text))) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => row.map(field).join(",")).join("\r\n") + "\r\n";
}

/// Zoom and reset buttons, and the same on the keys of `target`. `move(factor, shift)` scales the window about its middle, then
/// shifts it by a share of its width.
function zoomControls(name, target, move, reset) {
  const box = document.querySelector(`[data-zoom="${name}"]`);
  const button = (text, label, action) => {
    const element = make("button", { type: "button", "aria-label": label, title: label }, text);
    element.addEventListener("click", action);
    box.append(element);
  };
  button("◀", "Move left", () => move(1, -0.25));
  button("▶", "Move right", () => move(1, 0.25));
  button("+", "Zoom in", () => move(0.5, 0));
  button("−", "Zoom out", () => move(2, 0));
  button("Reset", "Show everything", reset);
  target.addEventListener("keydown", (event) => {
    const keys = { ArrowLeft: () => move(1, -0.1), ArrowRight: () => move(1, 0.1), "+": () => move(0.7, 0), "=": () => move(0.7, 0), "-": () => move(1 / 0.7, 0), 0: reset };
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
}

// Drawn anew when the colours or the width change.
const redraws = [];
const dark = window.matchMedia("(prefers-color-scheme: dark)");
function applyTheme(name) {
  document.documentElement.dataset.theme = name;
  redraws.forEach((draw) => draw());
}
