// The page's words and tables, the downloads, and the start of everything.
const estimateText = (e, text) => (e && finite(e.mean) ? text(e.mean) : "–");
function estimateCell(e, text, className = "") {
  const cell = make("td", className ? { class: className } : {}, estimateText(e, text));
  // An interval without width, but for rounding, is of what no seed changes, such as a clock's time.
  if (e && finite(e.mean) && finite(e.ci95) && e.ci95 > 1e-9 * Math.abs(e.mean)) cell.append(make("small", { class: "ci" }, "± " + text(e.ci95)));
  return cell;
}
/// "good" or "bad" where the paired test finds a difference at 5 %.
function verdict(e, p, neutral, lowIsGood) {
  if (!e || !finite(e.mean) || !finite(p) || p >= 0.05) return "";
  return e.mean < neutral === lowIsGood ? "good" : "bad";
}
const cost = (v) => fixed(v, Math.abs(v) >= 1000 ? 0 : Math.abs(v) >= 1 ? 2 : 4);
const pText = (p) => (finite(p) ? (p < 0.001 ? "p < 0.001" : "p = " + p.toFixed(3)) : "");
function withP(cell, p) {
  if (finite(p)) cell.append(make("small", { class: "ci p" }, pText(p)));
  return cell;
}
/// A ratio's interval lies about it unevenly, so both ends are told.
function ratioCell(r) {
  const cell = make("td", { class: r ? verdict(r, r.p, 1, false) : "" }, estimateText(r, times));
  if (r && finite(r.low)) cell.append(make("small", { class: "ci" }, `${fixed(r.low, 2)} to ${fixed(r.high, 2)}`));
  return withP(cell, r?.p);
}
/// Also says in words that the target was not reached, and by how many seeds it was.
const targetCell = (m) => (m.time_to_target ? estimateCell(m.time_to_target, duration) : make("td", { class: "muted" }, m.time_to_target_text));
const signed = (value) => (value > 0 ? "+" : "") + fixed(value, 4);
const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
const times = (value) => fixed(value, 2) + "×";

const nameOf = (method) => make("span", { class: "method" }, swatch(method.colour), make("span", {}, method.name));

function head(...names) {
  return make("thead", {}, make("tr", {}, ...names.map((name) => make("th", { scope: "col" }, name))));
}

function summaryTable() {
  const base = data.baseline !== "";
  const names = ["Method", "Final loss", ...(base ? ["Δ loss"] : []), "Perplexity", "Bits / byte", "Time to target", ...(base ? ["Speed-up"] : []), "Simulated time", ...data.currencies.flatMap(({ name }) => [name, `${name} to target`]), "Server updates", "Local steps", "Utilisation", "Staleness"];
  const rows = data.methods.map((m) => {
    const own = m.name === data.baseline;
    const same = () => make("td", { class: "muted" }, "–");
    return make("tr", {},
      make("td", {}, nameOf(m), own ? make("span", { class: "tag" }, "baseline") : null, m.out_of_workers ? make("span", { class: "tag" }, "ended early") : null, m.learned || m.diverged ? null : make("span", { class: "tag" }, m.ending)),
      m.diverged ? make("td", {}, m.diverged) : estimateCell(m.loss, (v) => fixed(v, 4)),
      ...(base ? [own ? same() : withP(estimateCell(m.loss_difference, signed, verdict(m.loss_difference, m.loss_difference_p, 0, true)), m.loss_difference_p)] : []),
      estimateCell(m.perplexity, (v) => fixed(v, 2)), estimateCell(m.bits_per_byte, (v) => fixed(v, 3)),
      targetCell(m),
      ...(base ? [own ? same() : ratioCell(m.speed_up)] : []),
      estimateCell(m.simulated_seconds, duration), ...data.currencies.flatMap(({ key }) => [estimateCell(m[key], cost), estimateCell(m[key + "_to_target"], cost)]),
      estimateCell(m.server_updates, count), estimateCell(m.local_steps, count),
      estimateCell(m.utilisation, percent), estimateCell(m.staleness, (v) => fixed(v, 2)));
  });
  byId("table").append(head(...names), make("tbody", {}, ...rows));
  // An interval of differences cannot carry a sign.
  for (const small of byId("table").querySelectorAll("small.ci")) small.textContent = small.textContent.replace("± +", "± ");
  byId("table_note").textContent = (data.seeds.length > 1 ? `Mean over ${data.seeds.length} seeds ± 95 % Student-t interval` + (base ? `; differences and speed-ups (geometric means of the seeds' ratios) are to ${data.baseline}, paired by seed; p is the paired t test's of no difference, n = ${data.seeds.length}, coloured below 5 %. ` : ". ")
    + (data.seeds.length < 5 ? "So few seeds make wide intervals and weak tests. " : "") : "One seed: no intervals and no test. ")
    + `Target: ${data.target_text}.` + data.notes.map((note) => ` Note: ${note}.`).join("");
}

function tiles() {
  const tile = (label, value, detail, className = "") => byId("tiles").append(make("div", { class: "tile " + className }, make("div", { class: "label" }, label), make("div", { class: "value" }, value), make("div", { class: "detail" }, ...detail)));
  // What learned nothing has no place among the best.
  const sorted = (key, sign) => data.methods.filter((m) => m.learned && m[key] && finite(m[key].mean)).sort((a, b) => sign * (a[key].mean - b[key].mean));
  const base = data.methods.find((m) => m.name === data.baseline), fast = data.methods[data.fastest], low = sorted("loss", 1)[0], busy = sorted("utilisation", -1);
  if (fast && fast.speed_up) {
    const r = fast.speed_up, doubt = !finite(r.low) ? "one seed: no interval" : r.may_be_one ? "not distinguishable from 1" : "";
    tile(`Fastest to ${data.target_text}`, `${times(r.mean)} as fast`, [make("div", {}, [finite(r.low) ? `95 %: ${fixed(r.low, 2)} to ${fixed(r.high, 2)}` : "", doubt].filter(Boolean).join(", ")),
      swatch(fast.colour), fast.name, `: ${duration(fast.time_to_target.mean)}, ${base.name}: ${duration(base.time_to_target.mean)}`], doubt ? "doubtful" : "");
  } else if (fast) tile(`Fastest to ${data.target_text}`, duration(fast.time_to_target.mean), [swatch(fast.colour), fast.name]);
  else tile("Time to the target", "–", [data.verdict], "doubtful");
  if (low) tile("Lowest final loss", fixed(low.loss.mean, 4) + (finite(low.loss.ci95) ? ` ± ${fixed(low.loss.ci95, 4)}` : ""), [swatch(low.colour), low.name, `, after ${duration(low.simulated_seconds.mean)}`]);
  if (busy.length) {
    const most = busy[0].utilisation.mean, equal = busy.filter((m) => m.utilisation.mean > most - 5e-4);
    tile("Workers computing, at best", percent(most), [swatch(equal[0].colour), equal[0].name, equal.length > 1 ? ` and ${plural(equal.length - 1, "other")}` : ""]);
  }
  byId("verdict").textContent = data.verdict;
}

function runsTable() {
  const rows = data.runs.map((run) => make("tr", {}, make("td", {}, nameOf(data.methods[run.method])),
    ...[run.seed, run.diverged ? "diverged" : fixed(run.final_loss, 4), duration(run.time_to_target), duration(run.makespan) + (run.out_of_workers ? ", out of workers" : ""), count(run.server_updates), count(run.local_steps), count(run.lost_steps), count(run.dropped), count(run.bytes_up / 1e6), count(run.bytes_down / 1e6)].map((text) => make("td", {}, text))));
  byId("runs").append(head("Method", "Seed", "Final loss", "Time to target", "Simulated time", "Server updates", "Local steps", "Lost steps", "Dropped", "MB up", "MB down"), make("tbody", {}, ...rows));
}

/// One estimate a method and domain: the last evaluation's loss over seeds; null where a seed has none.
const domainEstimates = () => data.methods.map((_, index) => data.domains.map((_, d) => {
  const last = data.runs.filter((run) => run.method === index).map((run) => run.evaluations.domain_loss[d].at(-1));
  return last.length && last.every(finite) ? { n: last.length, ...meanAndBand(last) } : null;
}));
function domainTable() {
  byId("domains").hidden = data.domains.length < 2;
  document.querySelector('nav a[href="#domains"]').hidden = byId("domains").hidden;
  const all = domainEstimates(), lowest = data.domains.map((_, d) => Math.min(...all.map((row) => (row[d] ? row[d].mean : Infinity))));
  const rows = data.methods.map((m, index) => make("tr", {}, make("td", {}, nameOf(m)), ...all[index].map((e, d) => {
    const cell = make("td", e && e.mean === lowest[d] && data.methods.length > 1 ? { class: "lowest" } : {}, e ? fixed(e.mean, 4) : "–");
    if (e && e.n > 1) cell.append(make("small", { class: "ci" }, "± " + fixed(e.half, 4)));
    return cell;
  })));
  byId("domain_table").append(head("Method", ...data.domains), make("tbody", {}, ...rows));
}

/// Several comparisons in one page: what each came to, and the choice among them.
function allResults() {
  byId("all").hidden = results.length < 2;
  if (results.length < 2) return;
  const name = (one) => one.title + (one.label && one.label !== one.title ? ` (${one.label})` : "");
  results.forEach((one, i) => byId("results").append(make("option", { value: String(i) }, name(one))));
  byId("results").value = String(chosen);
  byId("results").addEventListener("change", () => { location.search = "?results=" + byId("results").value; });
  const rows = results.flatMap((one, i) => one.methods.map((m, index) => make("tr", i === chosen ? { class: "chosen" } : {},
    make("td", {}, index ? "" : make("a", { href: "?results=" + i }, name(one))), make("td", { class: "left" }, nameOf(m)),
    m.diverged ? make("td", {}, m.diverged) : estimateCell(m.loss, (v) => fixed(v, 4)), targetCell(m), m.name === one.baseline ? make("td", { class: "muted" }, "baseline") : ratioCell(m.speed_up),
    estimateCell(m.utilisation, percent))));
  byId("all_table").append(head("Results", "Method", "Final loss", "Time to target", "Speed-up", "Utilisation"), make("tbody", {}, ...rows));
  byId("all_note").textContent = results.flatMap((one) => one.notes.map((note) => `${name(one)}: ${note}.`)).join(" ");
}

const downloads = {
  summary() {
    const keys = ["loss", "loss_difference", "perplexity", "bits_per_byte", "server_updates", "local_steps", "tokens", "simulated_seconds", "time_to_target", "utilisation", "staleness", ...data.currencies.flatMap(({ key }) => [key, key + "_to_target"])];
    return [["method", "seeds", ...keys.flatMap((key) => [key, key + "_ci95"]), "loss_difference_p", "speed_up", "speed_up_low", "speed_up_high", "speed_up_p"],
      ...data.methods.map((m) => [m.name, data.seeds.length, ...keys.flatMap((key) => (m[key] ? [m[key].mean, m[key].ci95] : ["", ""])), m.loss_difference_p,
        ...(m.speed_up ? [m.speed_up.mean, m.speed_up.low, m.speed_up.high, m.speed_up.p] : ["", "", "", ""])])];
  },
  curves() {
    const rows = [["method", "seed", "server_updates", "local_steps", "tokens", "simulated_seconds", "bytes", ...data.currencies.map(({ key }) => key), "loss", "perplexity", "bits_per_byte", ...data.domains.map((name) => "loss_" + name)]];
    for (const run of data.runs) {
      const at = run.evaluations;
      at.loss.forEach((loss, i) => rows.push([data.methods[run.method].name, run.seed, at.server_updates[i], at.local_steps[i], at.tokens[i], at.seconds[i], at.bytes[i], ...data.currencies.map(({ key }) => at[key][i]), loss,
        finite(loss) ? Math.exp(loss) : "", finite(loss) ? loss / Math.LN2 / run.bytes_per_token : "", ...at.domain_loss.map((column) => column[i])]));
    }
    return rows;
  },
  domains() {
    const rows = [["method", "domain", "seeds", "final_loss", "final_loss_ci95"]];
    domainEstimates().forEach((row, index) => row.forEach((e, d) => rows.push([data.methods[index].name, data.domains[d], e ? e.n : "", e ? e.mean : "", e && e.n > 1 ? e.half : ""])));
    return rows;
  },
  staleness() {
    const rows = [["method", "seed", "staleness_updates", "arrivals"]];
    for (const run of data.runs) for (const [value, n] of run.staleness) rows.push([data.methods[run.method].name, run.seed, value, n]);
    return rows;
  },
  /// Of the run that is shown, as far as the page holds it.
  timeline() {
    const rows = [["method", "seed", "worker", "activity", "begin_seconds", "end_seconds"]], run = timeline.run;
    if (run) timeline.spans.forEach(({ letters, ends }, w) => ends.forEach((end, i) => rows.push([data.methods[run.method].name, run.seed, w, activities[activityOf[letters[i]]], i ? ends[i - 1] / 1e3 : 0, end / 1e3])));
    return rows;
  },
  path() {
    const rows = [["method", "seed", "worker", "cause", "seconds"]];
    for (const run of data.runs) for (const [worker, cause, seconds] of run.path.shares) rows.push([data.methods[run.method].name, run.seed, worker, cause, seconds]);
    for (const run of data.runs) for (const [worker, seconds] of run.path.late) rows.push([data.methods[run.method].name, run.seed, worker, "waited for alone", seconds]);
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
byId("corpora").textContent = (data.manifest?.inventories ?? []).map((inventory) => inventory.text).join("\n");
byId("manifest").textContent = JSON.stringify(data.manifest, null, 2);
document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
tiles();
allResults();
summaryTable();
domainTable();
runsTable();
startBars();
startCluster();
startPath();
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
