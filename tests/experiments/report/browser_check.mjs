// Opens the report page in headless Chromium: no error, no request, every control works.
//   node browser_check.mjs <straggle_tests> [folder for screenshots]
// Exits 77 (skipped) where Chromium or playwright-core is missing; PLAYWRIGHT_CORE may name the package's folder and CHROMIUM the browser.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [tests, pictures] = process.argv.slice(2);
function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(77);
}
const require = createRequire(join(process.cwd(), "x.js"));
let playwright;
try {
  playwright = require(process.env.PLAYWRIGHT_CORE || "playwright-core");
} catch {
  skip("playwright-core is not installed");
}
const browserPath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => path && existsSync(path));
if (!browserPath) skip("Chromium is not installed");

let failures = 0;
function check(truth, what) {
  if (!truth) { ++failures; console.log(`FAILED: ${what}`); }
}

const folder = mkdtempSync(join(tmpdir(), "straggle-pages-"));
const browser = await playwright.chromium.launch({ executablePath: browserPath, args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"] });

async function open(name, width, scheme, use) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme, acceptDownloads: true });
  const url = pathToFileURL(join(folder, name, "report.html")).href;
  page.on("console", (message) => check(false, `${name}: console says ${message.text()}`));
  page.on("pageerror", (error) => check(false, `${name}: ${error.message}`));
  page.on("dialog", (dialog) => { check(false, `${name}: a dialog opened`); dialog.dismiss(); });
  page.on("request", (request) => check(request.url() === url || request.url().startsWith(url + "?results=") || request.url().startsWith("data:") || request.url().startsWith("blob:"), `${name}: requested ${request.url()}`));
  await page.goto(url);
  check(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name}: the page is wider than ${width}`);
  await use(page);
  if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}-${scheme}.png`), fullPage: true });
  await page.close();
}
const view = (page) => page.evaluate(() => [curves.plot.scales.x.min, curves.plot.scales.x.max]);
const inked = (page) => page.evaluate(() => {
  const canvas = document.querySelector("#plot canvas"), pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] === 255) colours.add(`${pixels[i]},${pixels[i + 1]},${pixels[i + 2]}`);
  return data.methods.filter((m) => colours.has([1, 3, 5].map((at) => parseInt(m.colour.slice(at, at + 2), 16)).join())).length;
});

async function useControls(page) {
  const label = () => page.evaluate(() => curves.plot.axes.map((axis) => axis.label));
  check((await inked(page)) === 4, "four methods are drawn in their colours");
  for (const [select, value, text, axis] of [["#metric", "bits", "bits per byte", 1], ["#metric", "perplexity", "perplexity", 1], ["#x", "tokens", "tokens", 0], ["#x", "bytes", "bytes sent, up and down (MB)", 0], ["#x", "local_steps", "local steps", 0], ["#x", "server_updates", "server updates", 0], ["#x", "seconds", "simulated wall-clock time (seconds)", 0]]) {
    await page.selectOption(select, value);
    check((await label())[axis] === text, `${select} ${value} labels its axis`);
  }
  await page.selectOption("#metric", "loss");
  const losses = () => page.evaluate(() => curves.columns.map((column) => column[0]));
  const before = await losses();
  await page.selectOption("#domain", "1");
  check(JSON.stringify(await losses()) !== JSON.stringify(before), "a domain has losses of its own");
  await page.selectOption("#domain", "");

  await page.selectOption("#lines", "seeds");
  check((await losses()).length === 12, "a line a seed: 4 methods, 3 seeds");
  await page.click("#seeds button >> nth=0");
  check((await losses()).length === 8, "a seed can be switched off");
  await page.focus("#methods button >> nth=3");
  await page.keyboard.press("Space");
  check((await losses()).length === 6 && (await inked(page)) === 3, "a method can be switched off by key");
  check((await page.getAttribute("#methods button >> nth=3", "aria-pressed")) === "false", "a switched-off method says so");
  await page.keyboard.press("Space");
  await page.click("#seeds button >> nth=0");
  await page.selectOption("#lines", "mean");

  const whole = await view(page);
  await page.check("#logx");
  check((await page.evaluate(() => curves.plot.scales.x.distr)) === 3 && (await view(page))[0] > 0, "the axis can be logarithmic");
  await page.uncheck("#logx");
  const top = await page.evaluate(() => curves.plot.scales.y.max);
  await page.check("#start");
  check((await page.evaluate(() => curves.plot.scales.y.max)) > top, "the start can be shown");
  await page.uncheck("#start");

  await page.locator("#plot .u-over").scrollIntoViewIfNeeded();
  const box = await page.locator("#plot .u-over").boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 50);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 80, { steps: 5 });
  await page.mouse.up();
  const zoomed = await view(page), width = whole[1] - whole[0];
  check(Math.abs(zoomed[0] - (whole[0] + 0.3 * width)) < 0.02 * width && Math.abs(zoomed[1] - (whole[0] + 0.6 * width)) < 0.02 * width, "dragging zooms to what was dragged over");
  check((await page.textContent("#methods output >> nth=0")) !== "", "the cursor shows values");
  await page.mouse.dblclick(box.x + box.width / 2, box.y + 60);
  check(JSON.stringify(await view(page)) === JSON.stringify(whole), "a double click resets");
  await page.focus("#plot");
  await page.keyboard.press("+");
  check((await view(page))[1] - (await view(page))[0] < width, "plus zooms");
  await page.keyboard.press("0");
  check(JSON.stringify(await view(page)) === JSON.stringify(whole), "0 resets");

  const span = () => page.evaluate(() => timeline.view);
  await page.selectOption("#timeline_method", "2");
  await page.selectOption("#timeline_seed", "3");
  check(await page.evaluate(() => timeline.run.method === 2 && timeline.run.seed === "3"), "the timeline shows the chosen run");
  const all = await span();
  await page.click('[data-zoom="timeline"] button[aria-label="Zoom in"]');
  check(Math.abs((await span())[1] - (await span())[0] - all[1] / 2) < 1e-9, "the timeline zooms by half");
  await page.locator("#canvas").scrollIntoViewIfNeeded();
  const canvas = await page.locator("#canvas").boundingBox();
  await page.mouse.move(canvas.x + canvas.width / 2, canvas.y + 10);
  check(/^worker 0 · (compute|upload|download|wait|down) /.test(await page.textContent("#tip")), "the timeline names what is under the pointer");
  await page.click('[data-zoom="timeline"] button[aria-label="Show everything"]');
  check(JSON.stringify(await span()) === JSON.stringify(all), "the timeline resets");

  for (const [name, columns, rows] of [["summary", 29, 5], ["curves", 13, null], ["workers", 11, 4 * 3 * 6 + 1], ["domains", 5, 4 * 3 + 1], ["staleness", 4, null], ["path", 5, 2 * 3 + 1], ["timeline", 6, null]]) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(`[data-download="${name}"]`)]);
    const lines = readFileSync(await download.path(), "utf8").trim().split("\r\n");
    check(lines.every((line) => line.split(",").length === columns), `${name}.csv has ${columns} columns`);
    check(rows === null ? lines.length > 20 : lines.length === rows, `${name}.csv has its rows`);
  }
  check(await page.evaluate(() => csv([["=1+1", -1, "-0.5", "-a"]]) === "'=1+1,-1,-0.5,'-a\r\n"), "a spreadsheet takes no cell for a formula");
  await page.click("#configuration summary >> nth=0");
  check((await page.textContent("#experiment")).includes("Synthetic runs."), "the configuration is shown");
  const cells = (row) => page.locator(`#table tbody tr:nth-child(${row}) td`).allTextContents();
  check((await cells(1))[0].startsWith("sync") && /×.* to .*p [=<] 0/.test((await cells(3))[6]), "the table has speed-ups with intervals and p values");
  check(/± .*p [=<] /.test((await cells(3))[2]) && !(await cells(1))[2].includes("p "), "differences are tested, the baseline's own is not");
  check((await page.textContent("#table_note")).includes("n = 3"), "the number of seeds is said");
  check((await page.locator("#domain_table tbody tr").count()) === 4 && (await page.locator("#domain_table td.lowest").count()) === 3, "each domain has a lowest loss");
  check((await page.locator("#path_table tbody tr").count()) === 3 && (await page.textContent("#path_table")).includes("15 of 15"), "who waited for whom, a row a run");
  check(!(await page.isVisible("#all")), "one comparison needs no choice");
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  check(await page.evaluate(() => document.documentElement.dataset.theme === "light"), "it prints on white");
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
}

try {
  execFileSync(tests, ["[.sample_pages]"], { env: { ...process.env, STRAGGLE_SAMPLE_PAGES: folder }, stdio: "pipe" });
  await open("plain", 1280, "light", useControls);
  await open("plain", 480, "dark", async (page) => check((await inked(page)) === 4, "the narrow page draws"));
  await open("hostile", 1280, "dark", async (page) => {
    check((await page.textContent("h1")) === '</script><b>"x', "a hostile title is text");
    check((await page.locator("main img, main b").count()) === 0, "a hostile name is no element");
    check((await page.textContent("#timeline_note")).includes("holds the first"), "a cut timeline says so");
  });
  await open("two", 1280, "light", async (page) => {
    check((await page.textContent("h1")) === "first" && (await page.locator("#all_table tbody tr").count()) === 6, "two comparisons are listed");
    await Promise.all([page.waitForNavigation(), page.selectOption("#results", "1")]);
    check((await page.textContent("h1")) === "second" && (await page.inputValue("#results")) === "1", "the other comparison can be chosen");
    check(await page.evaluate(() => results[0].methods.concat(results[1].methods).every((m, _, all) => all.every((o) => (o.name === m.name) === (o.colour === m.colour && o.dash === m.dash)))), "a method has one colour and dash in the whole page");
    check((await page.locator("#table tbody tr").count()) === 2 && (await inked(page)) === 2, "the other comparison is shown");
    await page.click('nav a[href="#curves"]');
    check(page.url().includes("?results=1"), "moving about keeps the choice");
  });
  await open("bare", 480, "light", async (page) => check((await page.locator("#table tbody tr").count()) === 1, "one run of one evaluation makes a page"));
  await open("empty", 1280, "light", async () => {});
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
console.log(failures ? `${failures} checks failed` : "the report works in a browser");
process.exit(failures ? 1 : 0);
