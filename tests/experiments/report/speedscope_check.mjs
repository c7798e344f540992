// Imports a trace with speedscope's own importer and compares what it finds with the trace: a track a worker and one a server, and each
// activity's total time. Exits 77 (skipped) where speedscope is missing; SPEEDSCOPE may name the package's folder.
//   node speedscope_check.mjs <straggle_tests>
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import vm from "node:vm";

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}
const require = createRequire(join(process.cwd(), "x.js"));
let release;
try {
  const root = process.env.SPEEDSCOPE || dirname(require.resolve("speedscope/package.json"));
  release = join(root, "dist", "release");
  readdirSync(release);
} catch {
  skip("speedscope is not installed (npm install speedscope)");
}

// The package is the web application in one script. Its importer is a module of that bundle; a line of ours hands it out before the page is
// drawn, which fails for want of a document and is of no interest.
const bundle = readFileSync(join(release, readdirSync(release).find((name) => /^speedscope-.*\.js$/.test(name))), "utf8");
const exports = bundle.match(/\w+\((\w+),\{[^{}]*importProfileGroupFromText:/);
const start = exports && bundle.match(new RegExp(`Promise\\.resolve\\(\\)\\.then\\(\\(\\)=>\\((\\w+)\\(\\),${exports[1]}\\)\\)`));
if (!start) skip("this version of speedscope hands its importer out in another way");
const script = bundle.replace(start[0], `(globalThis.importer=${start[0]})`);
const page = { console, setTimeout, clearTimeout, TextDecoder, TextEncoder, URLSearchParams, performance, navigator: { userAgent: "", platform: "" } };
page.window = page.self = page.globalThis = page;
page.location = { hash: "", protocol: "file:" };
page.addEventListener = () => {};
vm.createContext(page);
try {
  vm.runInContext(script, page);
} catch {
  // no document
}
const importer = await page.importer;
const folder = mkdtempSync(join(tmpdir(), "straggle-trace-"));
let text;
try {
  execFileSync(process.argv[2], ["[.sample_files]"], { env: { ...process.env, STRAGGLE_SAMPLE_FILES: folder }, stdio: "pipe" });
  text = readFileSync(join(folder, "timeline.json"), "utf8");
} finally {
  rmSync(folder, { recursive: true });
}
const group = await importer.importProfileGroupFromText("timeline.json", text);

let failures = 0;
function check(truth, what) {
  if (!truth) { ++failures; console.log(`FAILED: ${what}`); }
}
const slices = new Map(), tracks = new Set();
for (const event of JSON.parse(text).traceEvents) {
  if (event.ph !== "X") continue;
  tracks.add(`${event.pid}/${event.tid}`);
  slices.set(event.name, (slices.get(event.name) || 0) + event.dur);
}
check(group.profiles.length === tracks.size, `${tracks.size} tracks become ${group.profiles.length} profiles`);
check(group.profiles.some((profile) => /worker 0/.test(profile.getName())), "tracks have their names");
const totals = new Map();
for (const profile of group.profiles) profile.forEachFrame((frame) => {
  const name = frame.name.split(" {")[0];  // the arguments follow
  totals.set(name, (totals.get(name) || 0) + frame.getSelfWeight());
});
for (const [name, micros] of slices) check(totals.get(name) === micros, `${name}: ${micros} µs in the trace, ${totals.get(name)} in speedscope`);
console.log(failures ? `${failures} checks failed` : `speedscope reads ${group.profiles.length} tracks: ${[...totals].map(([name, micros]) => `${name} ${micros / 1e6} s`).join(", ")}`);
process.exit(failures ? 1 : 0);
