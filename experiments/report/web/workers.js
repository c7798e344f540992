// What the workers did: shares of the run, the timeline, staleness.
const runsOf = (method) => data.runs.filter((run) => run.method === method);
const percent = (share) => (finite(share) ? (100 * share).toFixed(1) + "%" : "–");

/// What the file calls the run's worker, or its number.
function workerName(run, w) {
  let within = w;
  for (const [count, name] of run.worker_names) {
    if (within < count && name !== "") return count === 1 ? name : `${name} ${within}`;
    if (within < count) break;
    within -= count;
  }
  return `worker ${w}`;
}

function startBars() {
  for (const place of document.querySelectorAll("[data-legend]"))
    activities.forEach((name, a) => (a < 4 || someoneWasDown) && place.append(make("span", {}, swatch(activityColour(a)), name)));
  data.methods.forEach((method, index) => {
    const runs = runsOf(index), rows = make("div", { class: "workers" });
    (runs.length ? runs[0].workers : []).forEach((_, w) => {
      const shares = activities.map((name) => runs.reduce((sum, run) => sum + (run.makespan > 0 ? run.workers[w][name] / run.makespan : 0), 0) / runs.length);
      const text = `${workerName(runs[0], w)}: ` + activities.map((name, a) => `${name} ${percent(shares[a])}`).join(", ");
      rows.append(make("div", { class: "worker", title: text }, make("span", {}, String(w)),
        make("span", { class: "bar", role: "img", "aria-label": text }, ...shares.map((share, a) => make("i", { style: `width:${100 * share}%;background:${activityColour(a)}` }))),
        make("span", {}, percent(shares[0]))));
    });
    const mean = method.utilisation && method.utilisation.mean;
    byId("bars").append(make("div", {}, make("h3", {}, swatch(method.colour), make("span", {}, method.name), make("small", {}, `${percent(mean)} computing`)), rows));
  });
}

/// A row a run whose numbers are known: not those of older versions.
function startCluster() {
  const told = data.runs.filter((run) => run.cluster);
  byId("cluster").hidden = !told.length;
  document.querySelector('nav a[href="#cluster"]').hidden = !told.length;
  const short = (value) => (finite(value) ? String(+value.toPrecision(3)) : "–");
  byId("cluster_table").append(head("Method", "Seed", "ρ_c", "ρ_s", "ρ_f", "ρ_o", "ρ_b", "Busiest link", "k", "Staleness", "95 %", "Bytes / token", "Lost work"), make("tbody", {}, ...told.map((run) => {
    const c = run.cluster, numbers = (...keys) => keys.map((key) => make("td", {}, short(c[key])));
    return make("tr", {}, make("td", {}, nameOf(data.methods[run.method])), make("td", {}, run.seed), ...numbers("rho_c", "rho_s", "rho_f", "rho_o", "rho_b"), make("td", {}, c.busiest || "–"),
      ...numbers("k", "staleness", "staleness_95", "bytes_per_token"), make("td", {}, percent(c.lost_work)));
  })));
}

const pathOwner = (run, [worker, cause]) => (worker === null ? cause : `${workerName(run, worker)} ${cause}`);
/// A row a run whose path is told; its three longest shares, and the workers that cost most.
function startPath() {
  const told = data.runs.filter((run) => run.path.shares.length);
  byId("path").hidden = !told.length;
  document.querySelector('nav a[href="#path"]').hidden = !told.length;
  const lines = (rows) => make("td", { class: "left" }, ...(rows.length ? rows.map((text) => make("div", {}, text)) : ["–"]));
  const share = (seconds, run) => `${duration(seconds)} (${percent(seconds / run.makespan)})`;
  byId("path_table").append(head("Method", "Seed", "Simulated time", "Critical path", "Waited for alone", "In waits"), make("tbody", {}, ...told.map((run) => make("tr", {},
    make("td", {}, nameOf(data.methods[run.method])), make("td", {}, run.seed), make("td", {}, duration(run.makespan)),
    lines(run.path.shares.slice(0, 3).map((one) => `${pathOwner(run, one)} ${share(one[2], run)}`)),
    lines(run.path.late.slice(0, 3).map(([worker, seconds]) => `${workerName(run, worker)} ${share(seconds, run)}`)),
    lines(run.path.late.slice(0, 3).map(([, , waits]) => `${count(waits)} of ${count(run.path.waits)}`))))));
}

const timeline = { run: null, spans: [], view: [0, 1], left: 34, row: 20, drag: null };

function chooseRun() {
  timeline.run = runsOf(Number(byId("timeline_method").value)).find((run) => run.seed === byId("timeline_seed").value);
  byId("timeline").hidden = !timeline.run;
  if (!timeline.run) return;
  const t = timeline.run.timeline;
  timeline.spans = t.activities.map((letters, w) => ({ letters, ends: t.ends_ms[w] }));
  timeline.row = Math.max(5, Math.min(20, Math.floor(520 / Math.max(timeline.spans.length, 1))));
  byId("timeline_note").textContent = `${data.methods[timeline.run.method].name}, seed ${timeline.run.seed}. ` + (t.cut
    ? `The page holds the first ${count(t.shown)} of this run's ${count(t.of)} spans: until ${duration(t.until)} of ${duration(timeline.run.makespan)}. `
    : "") + "Drag to zoom, double-click to reset; hover for details.";
  timeline.view = [0, t.until || 1];
  drawTimeline();
}
/// The first span that ends after `ms`.
function spanAt(ends, ms) {
  let low = 0, high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle] > ms) high = middle; else low = middle + 1;
  }
  return low;
}
function niceStep(width, marks) {
  const units = [1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
  const wanted = width / marks, found = units.find((unit) => unit >= wanted);
  return found || Math.ceil(wanted / 86400) * 86400;
}
const markText = (seconds, step) => {
  if (step < 60 && seconds < 600) return +seconds.toFixed(3) + " s";
  const two = (n) => String(n).padStart(2, "0"), s = Math.round(seconds), h = Math.floor(s / 3600), rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return h ? `${h}:${rest}` : rest;
};

function drawTimeline() {
  const canvas = byId("canvas"), width = byId("canvas_box").clientWidth;
  if (!timeline.run || !width) return;
  const height = timeline.spans.length * timeline.row + 30, ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.height = height + "px";
  const ctx = canvas.getContext("2d"), { left, row } = timeline, [from, to] = timeline.view;
  const inner = width - left - 8, scale = inner / (to - from), x = (seconds) => left + (seconds - from) * scale;
  const colours = [...data.activity_colours.slice(0, 3), cssColour("--wait"), data.activity_colours[4]];
  ctx.scale(ratio, ratio);
  ctx.font = "11px system-ui, sans-serif";
  timeline.spans.forEach(({ letters, ends }, w) => {
    const top = w * row + 1.5, bar = row - (row > 9 ? 4 : 1);
    for (let i = spanAt(ends, from * 1e3); i < ends.length; ++i) {
      const begin = Math.max(i ? ends[i - 1] / 1e3 : 0, from);
      if (begin >= to) break;
      const x0 = x(begin), x1 = x(Math.min(ends[i] / 1e3, to));
      ctx.fillStyle = colours[activityOf[letters[i]]];
      ctx.fillRect(x0, top, x1 - x0, bar);
    }
    if (row > 9 || w % Math.ceil(12 / row) === 0) {
      ctx.fillStyle = cssColour("--muted");
      ctx.textAlign = "right";
      ctx.fillText(String(w), left - 8, Math.max(top + bar / 2 + 4, 9));
    }
  });
  const step = niceStep(to - from, Math.max(2, inner / 110)), bottom = timeline.spans.length * row + 3;
  ctx.strokeStyle = cssColour("--line");
  ctx.fillStyle = cssColour("--muted");
  ctx.textAlign = "center";
  ctx.beginPath();
  ctx.moveTo(left, bottom);
  ctx.lineTo(left + inner, bottom);
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to; ++k) {
    ctx.moveTo(x(k * step), bottom);
    ctx.lineTo(x(k * step), bottom + 5);
    const text = markText(k * step, step), half = ctx.measureText(text).width / 2;
    ctx.fillText(text, Math.min(Math.max(x(k * step), left + half - 4), width - half), bottom + 18);
  }
  ctx.stroke();
}

function moveTimeline(factor, shift) {
  const end = timeline.run.timeline.until || 1, [from, to] = timeline.view;
  const width = Math.max(Math.min((to - from) * factor, end), end * 1e-6);
  const begin = Math.min(Math.max((from + to) / 2 - width / 2 + shift * width, 0), end - width);
  timeline.view = [begin, begin + width];
  drawTimeline();
}
function resetTimeline() {
  timeline.view = [0, timeline.run.timeline.until || 1];
  drawTimeline();
}

function hover(event) {
  const canvas = byId("canvas"), box = canvas.getBoundingClientRect(), tip = byId("tip");
  const px = event.clientX - box.left, inner = box.width - timeline.left - 8, [from, to] = timeline.view;
  const seconds = from + ((px - timeline.left) / inner) * (to - from), w = Math.floor((event.clientY - box.top) / timeline.row);
  const spans = timeline.spans[w], i = spans ? spanAt(spans.ends, seconds * 1e3) : 0;
  tip.hidden = timeline.drag !== null || !spans || i >= spans.ends.length || seconds < from || seconds > to;
  if (!tip.hidden) {
    const begin = i ? spans.ends[i - 1] / 1e3 : 0, end = spans.ends[i] / 1e3;
    tip.textContent = `${workerName(timeline.run, w)} · ${activities[activityOf[spans.letters[i]]]} ${duration(end - begin)} · from ${duration(begin)}`;
    tip.style.left = Math.max(0, Math.min(px + 12, box.width - tip.offsetWidth)) + "px";
    tip.style.top = (w + 1) * timeline.row + 4 + "px";
  }
  return { px: Math.min(Math.max(px, timeline.left), timeline.left + inner), seconds: Math.min(Math.max(seconds, from), to) };
}

function startTimeline() {
  data.methods.forEach((method, index) => byId("timeline_method").append(make("option", { value: String(index) }, method.name)));
  for (const seed of data.seeds) byId("timeline_seed").append(make("option", { value: seed }, seed));
  byId("timeline_seed_label").hidden = data.seeds.length < 2;
  for (const id of ["timeline_method", "timeline_seed"]) byId(id).addEventListener("change", chooseRun);
  const canvas = byId("canvas"), selection = byId("selection");
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch" || !timeline.run) return;
    timeline.drag = hover(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const at = hover(event);
    selection.hidden = timeline.drag === null;
    if (timeline.drag) selection.style.cssText = `left:${Math.min(at.px, timeline.drag.px)}px;width:${Math.abs(at.px - timeline.drag.px)}px`;
  });
  canvas.addEventListener("pointerup", (event) => {
    if (!timeline.drag) return;
    const at = hover(event), start = timeline.drag;
    timeline.drag = null;
    selection.hidden = true;
    if (Math.abs(at.px - start.px) < 5) return;
    timeline.view = [Math.min(at.seconds, start.seconds), Math.max(at.seconds, start.seconds)];
    drawTimeline();
  });
  canvas.addEventListener("pointerleave", () => { byId("tip").hidden = true; });
  canvas.addEventListener("dblclick", resetTimeline);
  zoomControls("timeline", canvas, moveTimeline, resetTimeline);
  redraws.push(drawTimeline);
  chooseRun();
}

/// Bars of equal whole width over 0 … the largest staleness of all methods, so that methods compare by eye.
function startStaleness() {
  const largest = Math.max(0, ...data.runs.flatMap((run) => run.staleness.map(([value]) => value)));
  const size = Math.ceil((largest + 1) / 40), bins = Math.floor(largest / size) + 1;
  const [width, height, bottom] = [250, 110, 92];
  const counts = data.methods.map((_, index) => {
    const bars = new Array(bins).fill(0);
    for (const run of runsOf(index)) for (const [value, n] of run.staleness) bars[Math.floor(value / size)] += n;
    return bars;
  });
  data.methods.forEach((method, index) => {
    const bars = counts[index], total = bars.reduce((a, b) => a + b, 0), top = Math.max(1, ...bars);
    const mean = method.staleness && method.staleness.mean, dropped = runsOf(index).reduce((sum, run) => sum + run.dropped, 0);
    const svg = make("svg:svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${method.name}: mean staleness ${fixed(mean, 2)}, ${total} updates` });
    bars.forEach((n, b) => {
      const w = width / bins, h = (n / top) * (bottom - 14), from = b * size, name = size > 1 ? `${from}–${from + size - 1}` : `${from}`;
      if (n) svg.append(make("svg:rect", { x: b * w + Math.min(1, w * 0.1), y: bottom - h, width: w - Math.min(2, w * 0.2), height: h, fill: method.colour, rx: 1 }, make("svg:title", {}, `staleness ${name}: ${count(n)} updates, ${percent(n / total)}`)));
    });
    svg.append(make("svg:line", { class: "axis", x1: 0, x2: width, y1: bottom, y2: bottom }));
    if (finite(mean)) {
      const at = ((mean / size + 0.5) * width) / bins;
      svg.append(make("svg:line", { class: "mean", x1: at, x2: at, y1: 6, y2: bottom }));
    }
    const every = Math.ceil(bins / 6);
    for (let b = 0; b < bins; b += every) svg.append(make("svg:text", { x: ((b + 0.5) * width) / bins, y: height - 4, "text-anchor": "middle" }, String(b * size)));
    const peak = total ? percent(Math.max(...bars) / total) : "no updates";
    svg.append(make("svg:text", { x: width, y: 10, "text-anchor": "end" }, total ? `highest bar ${peak}` : peak));
    const detail = `mean ${fixed(mean, 2)}` + (dropped ? `, ${count(dropped)} dropped` : "");
    byId("histograms").append(make("div", {}, make("h3", {}, swatch(method.colour), make("span", {}, method.name), make("small", {}, detail)), svg));
  });
}
