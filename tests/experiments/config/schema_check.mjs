// Holds experiments/experiment.schema.json against an independent validator: every file of the catalogue and what `straggle check` makes of it
// validate, and mistakes that the parser refuses are refused by the schema too. Exits 77 (skipped) where ajv is missing; AJV may name the package's
// folder.
//   node schema_check.mjs <straggle> <experiments folder>
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";

const [straggle, experiments] = process.argv.slice(2);
const require = createRequire(join(process.cwd(), "x.js"));
let Ajv;
try {
  Ajv = require(process.env.AJV || "ajv");
} catch {
  console.log("skipped: ajv is not installed (npm install ajv)");
  process.exit(77);
}

let failures = 0;
function check(truth, what) {
  if (!truth) { ++failures; console.log(`FAILED: ${what}`); }
}

const schemaFile = join(experiments, "experiment.schema.json");
const schema = JSON.parse(readFileSync(schemaFile, "utf8"));
check(execFileSync(straggle, ["schema"], { encoding: "utf8" }) === readFileSync(schemaFile, "utf8"), "experiment.schema.json is what `straggle schema` prints");
// Strict: an unknown keyword, or one that applies to no type, is a mistake of the schema's. Compiling checks it against draft-07 itself.
const ajv = new (Ajv.default || Ajv)({ allErrors: true, strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
const validate = ajv.compile(schema);
const reasons = () => validate.errors.slice(0, 3).map((e) => `${e.instancePath} ${e.message}`).join("; ");

const catalog = readdirSync(join(experiments, "catalog"), { recursive: true }).filter((name) => name.endsWith(".json") && !name.endsWith("reproduction.json")).map((name) => join(experiments, "catalog", name));
check(catalog.length > 30, "the catalogue is there");
for (const file of catalog) {
  const document = JSON.parse(readFileSync(file, "utf8"));
  check(validate(document), `${file}: ${validate(document) ? "" : reasons()}`);
  check(document.$schema && resolve(dirname(file), document.$schema) === resolve(schemaFile), `${file}: "$schema" leads to the schema, as "${relative(dirname(file), schemaFile)}"`);
  // Some want a corpus that has to be fetched first.
  const fetched = existsSync(resolve(dirname(file), document.data?.corpus ?? "."));
  const settings = fetched ? [] : ["--set", `/data/corpus=${resolve(experiments, "data")}`];
  const resolved = JSON.parse(execFileSync(straggle, ["check", file, ...settings], { encoding: "utf8", maxBuffer: 1 << 26 }));
  check(validate(resolved), `${file} with its defaults: ${validate(resolved) ? "" : reasons()}`);
}

// Changes of a valid file, each a list of [pointer, value]; undefined takes the key away.
const folder = mkdtempSync(join(tmpdir(), "straggle-schema-"));
function changed(changes) {
  const document = JSON.parse(readFileSync(join(experiments, "catalog", "quickstart.json"), "utf8"));
  document.data.corpus = resolve(experiments, "catalog", document.data.corpus);
  for (const [pointer, value] of changes) {
    const keys = pointer.split("/").slice(1), last = keys.pop();
    let at = document;
    for (const key of keys) at = at[key] ??= {};
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return document;
}
function parserTakes(document) {
  const file = join(folder, "experiment.json");
  writeFileSync(file, JSON.stringify(document));
  const outcome = spawnSync(straggle, ["check", file], { encoding: "utf8" });
  check(outcome.status === 0 || outcome.status === 2, `straggle check ends with ${outcome.status}: ${outcome.stderr}`);
  return outcome.status === 0;
}

const good = [
  [],
  [["/methods/0/stop", { local_steps: 100 }]],
  [["/methods/0/update_weight", null]],
  [["/methods/0/local", { batch_size: null }]],
  [["/methods/0/outer", { rate: 0.5 }]],
  [["/stop/simulated_seconds", null]],
  [["/stop/local_steps", 1e6]],
  [["/sweep", null]],
  [["/sweep", { axes: [{ pointer: "/update_weight", values: [1, { name: "half", value: 0.5 }] }] }]],
  [["/sweep", { axes: [{ pointer: ["/methods/0/update_weight", "/methods/1/update_weight"], values: [1, 2] }] }]],
  [["/model", { preset: "tiny" }], ["/local/learning_rate/total_steps", 5]],
  [["/workers", [{ count: 4, profile: { kind: "one-slow", factor: 4 } }]]],
  [["/workers", [{ count: 2, speed: { seconds_per_step: 1 }, jitter: { kind: "exponential" }, slow_spells: { factor: null }, availability: { kind: "scheduled", up: [{ from_seconds: 0 }] } }]]],
  [["/network", { kind: "shared", ingress: { bytes_per_second: 1e6 }, regions: [{ name: "r" }] }], ["/methods", [{ name: "A", outer: {}, policy: { seconds: 1, mode: "wait" } }]], ["/baseline", null]],
  [["/seeds", [0, 18446744073709549568]]],
  // A needed key that the common settings leave to the methods, all of which give it.
  [["/data/corpus", undefined], ["/methods", [{ name: "A", outer: {}, data: { corpus: resolve(experiments, "data") } }]], ["/baseline", null]],
  [["/policy", { kind: "quorum", seconds: 3 }], ["/methods", [{ name: "A", outer: {}, policy: { workers: 2 } }]], ["/baseline", null]],
];
const bad = [
  [["/name", undefined]], [["/name", ""]], [["/name", 3]],
  [["/seeds", []]], [["/seeds", [-1]]], [["/seeds", [1.5]]], [["/seeds", "1"]],
  [["/save_weights", "yes"]], [["/baseline", ""]],
  [["/methods", undefined]], [["/methods", []]], [["/methods", {}]], [["/methods", ["A"]]], [["/methods/0/name", undefined]], [["/methods/0/name", null]],
  [["/methods/0/stepz", 3]], [["/methods/0/seeds", [1]]], [["/methods/0/update_weight", 0]], [["/methods/0/outer", { rate: -1 }]],
  [["/methods/0/policy", { kind: "barier" }]], [["/methods/0/outer", { kind: null }]], [["/methods/0/outer", { kind: "nesterov", nesterov: true }]],
  [["/unknown", 1]], [["/Data", {}]],
  [["/data", undefined]], [["/data", null]], [["/data/corpus", undefined]], [["/data/corpus", ""]], [["/data/corpus", ["a"]]],
  [["/data/validation_fraction", 0.95]], [["/data/shards/count", 0]], [["/data/shards/kind", "even"]], [["/data/shards/count", 1.5]],
  [["/data/tokenizer", "byte"]], [["/data/tokenizer", { kind: "byte", vocabulary: 300 }]], [["/data/tokenizer", { kind: "sentencepiece", vocabulary: 100 }]],
  [["/data", { kind: "points" }]], [["/data/classes", 3]],
  [["/model", { preset: "huge" }]], [["/model", { kind: "mlp", layers: 2 }]], [["/model", { bias: 1 }]], [["/model", { layers: 0 }]], [["/model", { norm: "batch" }]],
  [["/workers", undefined]], [["/workers", []]], [["/workers", { count: 4 }]], [["/workers", [{ count: 0, speed: { seconds_per_step: 1 } }]]],
  [["/workers", [{ speed: {} }]]], [["/workers", [{ speed: { kind: "stedy", seconds_per_step: 1 } }]]], [["/workers", [{ speed: { seconds_per_step: 0 } }]]],
  [["/workers", [{ speed: { kind: "traced" } }]]], [["/workers", [{ speed: { seconds_per_step: 1 }, dropout: 1 }]]], [["/workers", [{ speed: { seconds_per_step: 1 }, speeed: 1 }]]],
  [["/workers", [{ speed: { seconds_per_step: 1 }, upload: { bytes_per_second: 0 } }]]], [["/workers", [{ speed: { seconds_per_step: 1 }, availability: { kind: "scheduled", up: [{}] } }]]],
  [["/network", { kind: "ring", ingress: {} }]], [["/network", { kind: "shared", regions: [{}] }]],
  [["/stop", undefined]], [["/stop", { local_steps: 0 }]], [["/stop", { updates: 3 }]],
  [["/evaluation", {}]], [["/evaluation/every", undefined]], [["/evaluation/windows", -1]], [["/evaluation/every", 100]],
  [["/local/batch_size", 0]], [["/local/batch_size", 1e9]], [["/local/optimizer", { kind: "adam" }]], [["/local/optimizer", { beta1: 1 }]], [["/local/learning_rate/peak", 0]],
  [["/policy", { kind: "quorum", seconds: 3 }], ["/methods", [{ name: "A", outer: {} }]], ["/baseline", null]],
  [["/shard_choice", "random"]], [["/update_weight", "1"]], [["/update_weight", null]], [["/corrections", {}]], [["/corrections", [{ kind: "polly" }]]],
  [["/sweep", []]], [["/sweep", {}]], [["/sweep", { axes: [] }]], [["/sweep", { axes: [{ pointer: 3, values: [1] }] }]], [["/sweep", { axes: [{ zip: [] }] }]],
  [["/sweep", { axes: [{ zip: [{ pointer: "/update_weight" }] }] }]], [["/sweep", { axis: [] }]],
];
for (const changes of good) {
  const document = changed(changes);
  check(validate(document), `${JSON.stringify(changes)} validates: ${validate(document) ? "" : reasons()}`);
  check(parserTakes(document), `${JSON.stringify(changes)} is taken by the parser`);
}
for (const changes of bad) {
  const document = changed(changes);
  check(!validate(document), `${JSON.stringify(changes)} is refused by the schema`);
  check(!parserTakes(document), `${JSON.stringify(changes)} is refused by the parser`);
}
rmSync(folder, { recursive: true });
console.log(failures ? `${failures} checks failed` : `${catalog.length} files of the catalogue and ${good.length} changes validate, ${bad.length} mistakes are refused`);
process.exit(failures ? 1 : 0);
