// Learning curves: each seed a line, or their mean with its 95 % band, against the chosen counter.
const curves = { plot: null, methods: new Set(data.methods.keys()), seeds: new Set(data.seeds), full: [0, 1], view: null, grid: [], shown: [] };
const methodOutputs = [];

/// The unit that x is shown in: `seconds` is how many of the counter's own make one.
function axisUnit() {
  if (byId("x").value === "seconds") return timeUnit(Math.max(...data.runs.map((run) => run.makespan)));
  if (byId("x").value === "bytes") return byteUnit(Math.max(...data.runs.map((run) => run.bytes_up + run.bytes_down)));
  return { name: "", seconds: 1 };
}
const xLabel = () => byId("x").selectedOptions[0].textContent + (axisUnit().name ? ` (${axisUnit().name})` : "");
function xText(x) {
  if (byId("x").value === "seconds") return duration(x * axisUnit().seconds);
  if (data.currencies.some(({ key }) => key === byId("x").value)) return `${+x.toPrecision(4)} ${xLabel()}`;
  return byId("x").value === "bytes" ? `${+x.toPrecision(4)} ${axisUnit().name} sent` : `${count(Math.round(x))} ${xLabel()}`;
}
function measured(loss, run) {
  if (byId("metric").value === "perplexity") return Math.exp(loss);
  return byId("metric").value === "bits" ? loss / Math.LN2 / run.bytes_per_token : loss;
}

/// Points of one run with strictly rising x, up to the first loss that is not finite.
function polyline(run) {
  const domain = byId("domain").value, at = run.evaluations, unit = axisUnit().seconds;
  const losses = domain === "" ? at.loss : at.domain_loss[Number(domain)];
  const line = { x: [], y: [] };
  for (let i = 0; i < losses.length; ++i) {
    if (!finite(losses[i]) || at[byId("x").value][i] === null) break;
    const x = at[byId("x").value][i] / unit, y = measured(losses[i], run);
    if (byId("logx").checked && x <= 0) continue;
    if (line.x.length && line.x.at(-1) >= x) { line.x.pop(); line.y.pop(); }
    line.x.push(x);
    line.y.push(y);
  }
  return line;
}
/// The line's value at x; null outside it.
function readOff(line, x) {
  const n = line.x.length;
  if (!n || x < line.x[0] || x > line.x[n - 1]) return null;
  let low = 0, high = n - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (line.x[middle] <= x) low = middle; else high = middle;
  }
  if (line.x[high] === x || n === 1) return line.y[high];
  return line.y[low] + ((line.y[high] - line.y[low]) * (x - line.x[low])) / (line.x[high] - line.x[low]);
}
function unionOf(lines) {
  const all = [...new Set(lines.flatMap((line) => line.x))].sort((a, b) => a - b);
  const most = 4000;
  return all.length <= most ? all : Array.from({ length: most }, (_, i) => all[Math.floor((i * (all.length - 1)) / (most - 1))]);
}

/// Everything uPlot needs for what is switched on: x, and the columns with their series and bands.
function collect() {
  const groups = data.methods.map((method, index) => ({
    method, index, lines: data.runs.filter((run) => run.method === index && curves.methods.has(index) && curves.seeds.has(run.seed)).map(polyline),
  })).filter((group) => !group.method.diverged && group.lines.length && group.lines.every((line) => line.x.length));
  const grid = unionOf(groups.flatMap((group) => group.lines));
  const columns = [], seconds = [], series = [], bands = [], shown = [];
  let second = 0;  // where the method's second evaluation is
  const add = (values, options) => { columns.push(values); seconds.push(second); series.push({ points: { show: values.filter(finite).length === 1 }, ...options }); return columns.length; };
  for (const { method, index, lines } of groups) {
    const values = lines.map((line) => grid.map((x) => readOff(line, x)));
    second = Math.max(...lines.map((line) => line.x[Math.min(1, line.x.length - 1)]));
    const stats = grid.map((_, i) => { const at = values.map((v) => v[i]); return at.every(finite) ? meanAndBand(at) : null; });
    const mean = stats.map((s) => s && s.mean);
    const look = { label: method.name, stroke: method.colour, dash: [[], [8, 4], [2, 3], [8, 3, 2, 3]][method.dash] };
    if (byId("lines").value === "seeds" && lines.length > 1) {
      for (const value of values) add(value, { ...look, width: 1.5 });
    } else {
      if (lines.length > 1) {
        const high = add(stats.map((s) => s && s.mean + s.half), { stroke: "transparent", width: 0 });
        const low = add(stats.map((s) => s && s.mean - s.half), { stroke: "transparent", width: 0 });
        bands.push({ series: [high, low], fill: method.colour + "33" });
      }
      add(mean, { ...look, width: 2.2 });
    }
    shown.push({ index, mean });
  }
  return { grid, columns, seconds, series, bands, shown };
}

/// y for the window: all that lies in it; for the whole axis from each method's second evaluation on, as the first is before
/// any training. A curve that rises so far that nothing else could be seen is cut, which is said: as interesting() of figure_ranges.cpp.
function heights(columns, seconds, grid, from, to, whole) {
  let low = Infinity, high = -Infinity, usual = -Infinity;
  const early = from + 0.1 * (to - from);
  const cut = whole && !byId("logx").checked && !byId("start").checked;
  columns.forEach((column, c) => {
    let first = true, start = null;
    for (let i = 0; i < grid.length; ++i) {
      if (grid[i] < from || grid[i] > to || !finite(column[i])) continue;
      if (start === null) start = column[i];
      low = Math.min(low, column[i]);
      if (!cut || grid[i] >= seconds[c]) high = Math.max(high, column[i]);
      if (first && grid[i] >= early) { usual = Math.max(usual, Math.min(column[i], start)); first = false; }
    }
  });
  const most = usual + 5 * Math.max(usual - low, 1e-3 * Math.abs(usual));
  byId("cut").textContent = cut && high > most ? `Cut above; a curve goes up to ${fixed(high, 2)} ("show the start" shows it). ` : "";
  if (cut && high > most) high = most;
  if (!(high >= low)) [low, high] = Number.isFinite(low) ? [low, low] : [0, 1];
  const margin = Math.max(0.06 * (high - low), 1e-3 * Math.abs(low), 1e-9);
  return [low - margin, high + margin];
}

function setView(from, to) {
  const [first, last] = curves.full, whole = from <= first && to >= last;
  curves.view = whole ? null : [Math.max(from, first), Math.min(to, last)];
  const [min, max] = curves.view || curves.full;
  const [low, high] = heights(curves.columns, curves.seconds, curves.grid, min, max, whole);
  curves.plot.batch(() => {
    curves.plot.setScale("x", { min, max });
    curves.plot.setScale("y", { min: low, max: high });
  });
}
function moveView(factor, shift) {
  const log = byId("logx").checked, to = log ? Math.log : (v) => v, back = log ? Math.exp : (v) => v;
  const [first, last] = curves.full.map(to), [min, max] = (curves.view || curves.full).map(to);
  const width = Math.min((max - min) * factor, last - first);
  const begin = Math.min(Math.max((min + max) / 2 - width / 2 + shift * width, first), last - width);
  if (width > (last - first) * 1e-5) setView(back(begin), begin + width >= last ? curves.full[1] : back(begin + width));
}

/// 1, 2, 5 and their tens within the window; its ends where that leaves fewer than two.
function logMarks(min, max) {
  const marks = [];
  for (let ten = 10 ** Math.floor(Math.log10(min)); ten <= max; ten *= 10)
    for (const digit of [1, 2, 5]) if (digit * ten >= min && digit * ten <= max) marks.push(digit * ten);
  return marks.length > 1 ? marks : [min, max];
}
const markLabel = (v) => (v >= 1e6 ? +(v / 1e6).toPrecision(4) + "M" : v >= 1000 ? count(v) : String(+v.toPrecision(4)));

function drawTarget(plot) {
  if (byId("domain").value !== "" || !data.target || !finite(data.target.mean) || !data.runs.length) return;
  const y = plot.valToPos(measured(data.target.mean, data.runs[0]), "y", true), box = plot.bbox, ctx = plot.ctx;
  if (y < box.top || y > box.top + box.height) return;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = cssColour("--muted");
  ctx.setLineDash([3 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(box.left, y);
  ctx.lineTo(box.left + box.width, y);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  ctx.fillText("target", box.left + box.width - 4 * devicePixelRatio, y - 5 * devicePixelRatio);
  ctx.restore();
}

function showCursor(plot) {
  const at = plot.cursor.idx, digits = byId("metric").value === "perplexity" ? 2 : 4;
  const inside = at !== null && at !== undefined;
  for (const output of methodOutputs) output.textContent = "";
  for (const { index, mean } of curves.shown) methodOutputs[index].textContent = inside && finite(mean[at]) ? fixed(mean[at], digits) : "";
  byId("cursor").textContent = inside ? `At ${xText(curves.grid[at])}` : "Drag across the chart to zoom, double-click to reset.";
}

function drawCurves() {
  const { grid, columns, seconds, series, bands, shown } = collect();
  const box = byId("plot"), narrow = box.clientWidth < 560;
  if (curves.plot) curves.plot.destroy();
  box.replaceChildren();
  Object.assign(curves, { grid, columns, seconds, shown, view: null, full: grid.length ? [grid[0], grid.at(-1)] : [0, 1] });
  if (curves.full[0] === curves.full[1]) curves.full = [curves.full[0] * 0.9, curves.full[1] * 1.1 || 1];
  const axis = { stroke: cssColour("--muted"), grid: { stroke: cssColour("--grid"), width: 1 }, ticks: { stroke: cssColour("--line"), width: 1, size: 5 }, font: "12px system-ui, sans-serif", labelFont: "13px system-ui, sans-serif", labelSize: 24 };
  curves.plot = new uPlot({
    width: box.clientWidth, height: narrow ? 300 : 420, legend: { show: false }, padding: [8, 12, 0, 0],
    scales: { x: { time: false, distr: byId("logx").checked ? 3 : 1, range: (_, min, max) => [min, max] }, y: { auto: false, range: (_, min, max) => [min, max] } },
    axes: [{ ...axis, size: 30, label: xLabel(), space: 64, values: (_, marks) => marks.map(markLabel),
      ...(byId("logx").checked ? { splits: (_, i, min, max) => logMarks(min, max), filter: (_, marks) => marks } : {}) },
      { ...axis, label: narrow ? undefined : byId("metric").selectedOptions[0].textContent, size: 52 }],
    series: [{}, ...series], bands,
    cursor: { y: false, points: { show: (plot, i) => { const mark = make("div"); if (series[i - 1] && series[i - 1].width === 0) mark.style.display = "none"; return mark; } },
      drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => () => { setView(...curves.full); return null; } } },
    hooks: {
      setSelect: [(plot) => {
        if (plot.select.width < 5) return;
        setView(plot.posToVal(plot.select.left, "x"), plot.posToVal(plot.select.left + plot.select.width, "x"));
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
      setCursor: [showCursor], draw: [drawTarget],
    },
  }, [grid, ...columns], box);
  setView(...curves.full);
  showCursor(curves.plot);
}

function chip(parent, set, key, ...content) {
  const button = make("button", { type: "button", "aria-pressed": "true" }, ...content);
  button.addEventListener("click", () => {
    if (!set.delete(key)) set.add(key);
    button.setAttribute("aria-pressed", String(set.has(key)));
    drawCurves();
  });
  parent.append(button);
}

function startCurves() {
  data.methods.forEach((method, index) => {
    methodOutputs.push(make("output"));
    chip(byId("methods"), curves.methods, index, swatch(method.colour), method.name, methodOutputs[index]);
  });
  for (const { key, name } of data.currencies) byId("x").append(make("option", { value: key }, name));
  if (data.seeds.length > 1) {
    byId("seeds").append(make("span", { class: "muted" }, "Seeds"));
    for (const seed of data.seeds) chip(byId("seeds"), curves.seeds, seed, seed);
  } else byId("lines_label").hidden = byId("seeds").hidden = true;
  byId("domain").append(make("option", { value: "" }, "all domains"));
  data.domains.forEach((name, index) => byId("domain").append(make("option", { value: String(index) }, name)));
  byId("domain_label").hidden = data.domains.length < 2;
  // A domain's bytes per token are not known on their own, unless every token is a byte.
  const bytes = data.runs.every((run) => run.bytes_per_token === 1);
  const bits = byId("metric").querySelector('[value="bits"]');
  byId("domain").addEventListener("change", () => {
    bits.disabled = byId("domain").value !== "" && !bytes;
    if (bits.disabled && byId("metric").value === "bits") byId("metric").value = "loss";
  });
  for (const id of ["metric", "x", "domain", "lines", "logx", "start"]) byId(id).addEventListener("change", drawCurves);
  zoomControls("plot", byId("plot"), moveView, () => setView(...curves.full));
  redraws.push(drawCurves);
}
