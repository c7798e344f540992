// The page's words and tables, the downloads, and the start of everything.
const estimateText = (e, text) => (e && finite(e.mean) ? text(e.mean) : "–");
function estimateCell(e, text, className = "") {
  const cell = make("td", className ? { class: className } : {}, estimateText(e, text));
  if (e && finite(e.mean) && finite(e.ci95)) cell.append(make("small", { class: "ci" }, "± " + text(e.ci95)));
  return cell;
}
/// "good" or "bad" where the whole interval lies on one side of `neutral`.
function verdict(e, neutral, lowIsGood) {
  if (!e || !finite(e.mean) || !finite(e.ci95) || e.ci95 >= Math.abs(e.mean - neutral)) return "";
  return e.mean < neutral === lowIsGood ? "good" : "bad";
}
const signed = (value) => (value > 0 ? "+" : "") + fixed(value, 4);
const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
const times = (value) => fixed(value, 2) + "×";

const nameOf = (method) => make("span", { class: "method" }, swatch(method.colour), make("span", {}, method.name));

function head(...names) {
  return make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name))));
}

function summaryTable() {
  const base = data.baseline !== "";
  const names = ["Method", "Final loss", ...(base ? ["Δ loss"] : []), "Perplexity", "Bits / byte", "Time to target", ...(base ? ["Speed-up"] : []), "Simulated time", "Server updates", "Local steps", "Utilisation", "Staleness"];
  const rows = data.methods.map((m) => {
    const own = m.name === data.baseline;
    const same = () => make("td", { class: "muted" }, "–");
    return make("tr", {},
      make("td", {}, nameOf(m), own ? make("span", { class: "tag" }, "baseline") : null),
      estimateCell(m.loss, (v) => fixed(v, 4)),
      ...(base ? [own ? same() : estimateCell(m.loss_difference, signed, verdict(m.loss_difference, 0, true))] : []),
      estimateCell(m.perplexity, (v) => fixed(v, 2)), estimateCell(m.bits_per_byte, (v) => fixed(v, 3)),
      estimateCell(m.time_to_target, duration),
      ...(base ? [own ? same() : estimateCell(m.speed_up, times, verdict(m.speed_up, 1, false))] : []),
      estimateCell(m.simulated_seconds, duration), estimateCell(m.server_updates, count), estimateCell(m.local_steps, count),
      estimateCell(m.utilisation, percent), estimateCell(m.staleness, (v) => fixed(v, 2)));
  });
  byId("table").append(head(...names), make("tbody", {}, ...rows));
  // An interval of differences cannot carry a sign.
  for (const small of byId("table").querySelectorAll("small.ci")) small.textContent = small.textContent.replace("± +", "± ");
  byId("table_note").textContent = (data.seeds.length > 1 ? `Mean over ${data.seeds.length} seeds ± 95 % Student-t interval` + (base ? "; differences and speed-ups are paired by seed, coloured where the interval excludes no difference. " : ". ") : "One seed: no intervals. ")
    + `Target: loss ${estimateText(data.target, (v) => fixed(v, 4))}, the lowest that every method reached.`;
}

function tiles() {
  const tile = (label, value, ...detail) => byId("tiles").append(make("div", { class: "tile" }, make("div", { class: "label" }, label), make("div", { class: "value" }, value), make("div", { class: "detail" }, ...detail)));
  const sorted = (key, sign) => data.methods.filter((m) => m[key] && finite(m[key].mean)).sort((a, b) => sign * (a[key].mean - b[key].mean));
  const fast = sorted("time_to_target", 1)[0], low = sorted("loss", 1)[0], busy = sorted("utilisation", -1);
  const base = data.methods.find((m) => m.name === data.baseline);
  if (fast) {
    const ahead = base && fast !== base && fast.speed_up, time = duration(fast.time_to_target.mean);
    tile(`Fastest to the target loss ${fixed(data.target.mean, 3)}`, ahead ? `${times(fast.speed_up.mean)} as fast` : time, swatch(fast.colour), fast.name,
      ahead ? `: ${time}, ${base.name}: ${duration(base.time_to_target.mean)}` : "");
  }
  if (low) tile("Lowest final loss", fixed(low.loss.mean, 4), swatch(low.colour), low.name, `, after ${duration(low.simulated_seconds.mean)}`);
  if (busy.length) {
    const most = busy[0].utilisation.mean, equal = busy.filter((m) => m.utilisation.mean > most - 5e-4);
    tile("Workers computing, at best", percent(most), swatch(equal[0].colour), equal[0].name, equal.length > 1 ? ` and ${plural(equal.length - 1, "other")}` : "");
  }
}

function runsTable() {
  const rows = data.runs.map((run) => make("tr", {}, make("td", {}, nameOf(data.methods[run.method])),
    ...[run.seed, fixed(run.final_loss, 4), duration(run.time_to_target), duration(run.makespan), count(run.server_updates), count(run.local_steps), count(run.lost_steps), count(run.dropped), count(run.bytes_up / 1e6), count(run.bytes_down / 1e6)].map((text) => make("td", {}, text))));
  byId("runs").append(head("Method", "Seed", "Final loss", "Time to target", "Simulated time", "Server updates", "Local steps", "Lost steps", "Dropped", "MB up", "MB down"), make("tbody", {}, ...rows));
}

const downloads = {
  summary() {
    const keys = ["loss", "loss_difference", "perplexity", "bits_per_byte", "server_updates", "local_steps", "tokens", "simulated_seconds", "time_to_target", "speed_up", "utilisation", "staleness"];
    return [["method", ...keys.flatMap((key) => [key, key + "_ci95"])], ...data.methods.map((m) => [m.name, ...keys.flatMap((key) => (m[key] ? [m[key].mean, m[key].ci95] : ["", ""]))])];
  },
  curves() {
    const rows = [["method", "seed", "server_updates", "local_steps", "tokens", "simulated_seconds", "loss", "perplexity", "bits_per_byte", ...data.domains.map((name) => "loss_" + name)]];
    for (const run of data.runs) {
      const at = run.evaluations;
      at.loss.forEach((loss, i) => rows.push([data.methods[run.method].name, run.seed, at.server_updates[i], at.local_steps[i], at.tokens[i], at.seconds[i], loss,
        finite(loss) ? Math.exp(loss) : "", finite(loss) ? loss / Math.LN2 / run.bytes_per_token : "", ...at.domain_loss.map((column) => column[i])]));
    }
    return rows;
  },
  workers() {
    const rows = [["method", "seed", "worker", "rounds", "local_steps", ...activities.map((name) => name + "_seconds"), "makespan_seconds"]];
    for (const run of data.runs) run.workers.forEach((w, i) => rows.push([data.methods[run.method].name, run.seed, i, w.rounds, w.local_steps, ...activities.map((name) => w[name]), run.makespan]));
    return rows;
  },
};

byId("title").textContent = data.title;
byId("description").textContent = data.description;
const workersMost = Math.max(0, ...data.runs.map((run) => run.workers.length));
byId("facts").textContent = [plural(data.methods.length, "method"), plural(data.seeds.length, "seed"), plural(workersMost, "worker"), data.baseline === "" ? "no baseline" : `baseline ${data.baseline}`].join(" · ");
byId("experiment").textContent = JSON.stringify(data.experiment, null, 2);
byId("manifest").textContent = JSON.stringify(data.manifest, null, 2);
document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
tiles();
summaryTable();
runsTable();
startBars();
startCurves();
startTimeline();
startStaleness();
for (const button of document.querySelectorAll("[data-download]"))
  button.addEventListener("click", () => save(button.dataset.download + ".csv", csv(downloads[button.dataset.download]())));
drawCurves();

dark.addEventListener("change", () => applyTheme(dark.matches ? "dark" : "light"));
window.addEventListener("beforeprint", () => applyTheme("light"));
window.addEventListener("afterprint", () => applyTheme(dark.matches ? "dark" : "light"));
let lastWidth = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth === lastWidth) return;
  lastWidth = window.innerWidth;
  redraws.forEach((draw) => draw());
});
