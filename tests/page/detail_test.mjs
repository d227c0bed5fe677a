import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askNow, closePage, eventually, everyType, jobs, openPage, screenshot, startBrowser, startGateway, texts } from "./support.mjs";

let browser;
let gateway;
const path = "/metrics/job/backup/host/db1";

before(async () => {
  browser = await startBrowser();
  gateway = await startGateway();
  await gateway.push(path, everyType);
});
after(async () => {
  await browser.close();
  await gateway.stop();
});

const family = (page, name) => page.locator(`.family[data-name=${name}]`);
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

test("opens a group to its families and samples, and keeps it open in the link", async () => {
  const page = await openPage(browser, gateway.url);
  await page.locator("#rows td.job a").click();
  await eventually(() => texts(page, ".family .name"), ["exit_code", "last_success_seconds", "records_total", "rpc_seconds", "step_seconds"]);
  assert.deepEqual(await texts(page, ".family .type"), ["untyped", "gauge", "counter", "summary", "histogram"]);
  assert.equal(await family(page, "records_total").locator(".help").innerText(), "Records handled, by outcome.");
  assert.deepEqual(await family(page, "records_total").locator("tbody tr").allTextContents(), ["outcomeok38428", "outcomefailed7"]);
  assert.equal(await family(page, "exit_code").locator(".brief").innerText(), "NaN");
  await page.reload();
  await eventually(() => texts(page, "#detail-title"), ["backup"]);
  assert.equal(await page.locator("#rows tr[aria-current]").count(), 1);
  await page.locator("#detail .close").click();
  await eventually(() => page.locator("#detail").isVisible(), false);
  await page.goBack();
  await eventually(() => page.locator("#detail").isVisible(), false);
  await closePage(page);
});

test("draws histograms and summaries", async () => {
  const page = await openPage(browser, `${gateway.url}/?open=${encodeURIComponent(path)}`);
  const plot = family(page, "step_seconds").locator("svg.histogram");
  await plot.waitFor();
  assert.match(await plot.getAttribute("aria-label"), /^Histogram of 50 observations, most of them, 80 %, 0\.1 to 1$/);
  const heights = await plot.locator("rect.bar").evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute("height"))));
  assert.equal(heights.length, 4);
  assert.equal(Math.max(...heights), heights[1]);
  assert.deepEqual(await plot.locator("title").allTextContents(), ["0 to 0.1: 3 observations, 6 %", "0.1 to 1: 40 observations, 80 %",
    "1 to 10: 6 observations, 12 %", "above 10: 1 observation, 2 %"]);
  const seen = (bars) => bars.evaluateAll((all) => all.map((bar) => Math.round(bar.getBoundingClientRect().height)));
  assert.equal(Math.min(...await seen(plot.locator("rect.bar"))) > 0, true, "bars can be seen");
  const quantiles = family(page, "rpc_seconds").locator("svg.summary");
  assert.equal(Math.min(...await seen(quantiles.locator("rect.bar"))) > 0, true);
  assert.equal(await quantiles.getAttribute("aria-label"), "Quantiles: 0.5 is 0.012, 0.99 is 0.31");
  await family(page, "step_seconds").locator(".numbers summary").click();
  assert.deepEqual(await family(page, "step_seconds").locator(".numbers tr").allInnerTexts(), ["≤ 0.1\t3", "≤ 1\t43", "≤ 10\t49", "≤ +Inf\t50"]);
  await screenshot(page, "group");
  await closePage(page);
});

test("draws the native buckets of a histogram", async () => {
  const page = await openPage(browser, gateway.url);
  const [label, bars] = await page.evaluate(async () => {
    const place = document.querySelector("script[type=module]").src.replace(/[^/]+$/, "plot.js");
    const { histogram } = await import(place);
    const svg = histogram({ count: "9", sum: "3", cells: [["-1", "-0.5", "2"], ["-0.001", "0.001", "6"], ["0.5", "1", "1"]] });
    return [svg.getAttribute("aria-label"), svg.querySelectorAll(".bar").length];
  });
  assert.equal(label, "Histogram of 9 observations, most of them, 67 %, -0.001 to 0.001");
  assert.equal(bars, 3);
  await closePage(page);
});

test("copies the metrics as text, and commands that push and delete them", async () => {
  const page = await openPage(browser, `${gateway.url}/?open=${encodeURIComponent(path)}`);
  await page.getByRole("button", { name: "Copy text" }).click();
  await eventually(async () => (await clipboard(page)).includes("# TYPE step_seconds histogram\nstep_seconds_bucket{le=\"0.1\"} 3\n"), true);
  await page.getByRole("button", { name: "Copy curl delete" }).click();
  await eventually(() => clipboard(page), `curl -sS -X DELETE '${gateway.url}${path}'\n`);
  await page.getByRole("button", { name: "Copy curl push" }).click();
  await eventually(async () => (await clipboard(page)).startsWith(`curl -sS -X PUT --data-binary @- '${gateway.url}${path}' <<'END'\n`), true);
  // The command does what it says.
  const command = await clipboard(page);
  await gateway.push(path, "", "DELETE");
  const { execFileSync } = await import("node:child_process");
  execFileSync("sh", ["-c", command]);
  const text = await (await fetch(`${gateway.url}/api/v1/groups${path.slice("/metrics".length)}?format=text`)).text();
  assert.ok(command.includes(text));
  await closePage(page);
});

test("follows the group while it is open, and says when it is gone", async () => {
  await gateway.push("/metrics/job/moving", "m 1\n");
  const page = await openPage(browser, `${gateway.url}/?open=/metrics/job/moving`);
  await eventually(() => texts(page, ".family .brief"), ["1"]);
  await gateway.push("/metrics/job/moving", "m 2\nn 5\n");
  await askNow(page);
  await eventually(() => texts(page, ".family .brief"), ["2", "5"]);
  assert.equal(await gateway.push("/metrics/job/moving", "m 2 1\n"), 400);
  await askNow(page);
  await eventually(async () => (await texts(page, ".callout")).map((text) => text.slice(0, 21)), ["The last push failed."]);
  await gateway.push("/metrics/job/moving", "", "DELETE");
  await askNow(page);
  await eventually(() => texts(page, "#detail h2"), ["This group is gone"]);
  await closePage(page);
});

test("stays as it was unfolded, and keeps the focus, while it is pushed to again", async () => {
  const buckets = (n) => `# TYPE h histogram\nh_bucket{le="1"} ${n}\nh_bucket{le="+Inf"} ${n}\nh_sum 1\nh_count ${n}\n`;
  await gateway.push("/metrics/job/again", buckets(1));
  const page = await openPage(browser, `${gateway.url}/?open=/metrics/job/again`);
  const numbers = family(page, "h").locator(".numbers");
  await numbers.locator("summary").click();
  await eventually(() => numbers.locator("td").allInnerTexts(), ["1", "1"]);
  await gateway.push("/metrics/job/again", buckets(2));
  await askNow(page);
  await eventually(() => numbers.locator("td").allInnerTexts(), ["2", "2"]);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Buckets, cumulative");
  await family(page, "h").locator(":scope > summary").focus();
  await gateway.push("/metrics/job/again", buckets(3));
  await askNow(page);
  await eventually(() => numbers.locator("td").allTextContents(), ["3", "3"]);
  assert.equal(await page.evaluate(() => document.activeElement.matches(".family > summary")), true);
  await closePage(page);
  await gateway.push("/metrics/job/again", "", "DELETE");
});

test("follows what was asked for beyond the first samples, also when it goes", async () => {
  const body = (last) => Array.from({ length: 20 }, (_, i) => `wide{i="${100 + i}"} ${i === 19 ? last : i}\n`).join("");
  await gateway.push("/metrics/job/wide", body(1));
  const page = await openPage(browser, `${gateway.url}/?open=/metrics/job/wide`);
  await page.getByRole("button", { name: "Show 10 more of 20" }).click();
  await eventually(() => family(page, "wide").locator("td.number").last().innerText(), "1");
  await gateway.push("/metrics/job/wide", body(77));
  await askNow(page);
  await eventually(() => family(page, "wide").locator("td.number").last().innerText(), "77");
  await gateway.push("/metrics/job/wide", "narrow 5\n");
  await askNow(page);
  await eventually(() => texts(page, ".family .name"), ["narrow"]);
  assert.deepEqual(await texts(page, "#detail h2"), ["wide"]);
  await closePage(page);
  await gateway.push("/metrics/job/wide", "", "DELETE");
});

test("copies nothing that a terminal would take for keys", async () => {
  await gateway.push("/metrics/job/keys", `m{a="\u0003; echo pasted"} 1\n`);
  const page = await openPage(browser, `${gateway.url}/?open=/metrics/job/keys`);
  await page.getByRole("button", { name: "Copy curl push" }).click();
  await eventually(async () => (await clipboard(page)).includes("/metrics/job/keys'"), true);
  assert.match(await clipboard(page), /^curl -sS '\S+format=text' -o group\.txt\ncurl -sS -X PUT --data-binary @group\.txt '\S+'\n$/);
  await closePage(page);
  await gateway.push("/metrics/job/keys", "", "DELETE");
});

test("copies also without a secure context, and tells when it cannot", async () => {
  const page = await openPage(browser, gateway.url);
  await page.evaluate(() => navigator.clipboard.writeText("before"));
  await page.addInitScript(() => {
    globalThis.realClipboard = navigator.clipboard;
    Object.defineProperty(navigator, "clipboard", { value: undefined });
  });
  await page.goto(`${gateway.url}/?open=${encodeURIComponent(path)}`);
  const button = page.getByRole("button", { name: "Copy text" });
  await button.click();
  await eventually(() => texts(page, "#toast"), ["Copied the metrics as text"]);
  assert.match(await page.evaluate(() => globalThis.realClipboard.readText()), /# TYPE step_seconds histogram\nstep_seconds_bucket/);
  assert.equal(await button.evaluate((element) => element === document.activeElement), true, "the focus stays");
  await page.route("**/*format=text", (route) => route.fulfill({ status: 503, body: "too busy" }));
  await button.click();
  await eventually(() => texts(page, "#toast"), ["Nothing was copied: too busy"]);
  await closePage(page);
});

test("shows a family of thousands a part at a time", async () => {
  let body = "";
  for (let i = 0; i < 2500; i += 1) body += `big{i="${i}"} ${i}\n`;
  for (let i = 0; i < 150; i += 1) body += `small_${String(i).padStart(3, "0")} ${i}\n`;
  await gateway.push("/metrics/job/big", body);
  const page = await openPage(browser, `${gateway.url}/?open=/metrics/job/big`);
  await eventually(() => page.locator(".family").count(), 100);
  await family(page, "big").locator("summary").click();
  await eventually(() => family(page, "big").locator("tbody tr").count(), 10);
  await family(page, "big").getByRole("button", { name: "Show 100 more of 2,500" }).click();
  await eventually(() => family(page, "big").locator("tbody tr").count(), 110);
  await page.getByRole("button", { name: "Show more of 151 families" }).click();
  await eventually(() => page.locator(".family").count(), 151);
  assert.equal(await family(page, "big").locator("tbody tr").count(), 110, "what was opened stays open");
  await page.getByLabel("Filter families").fill("small_14");
  await eventually(() => page.locator(".family").count(), 10);
  assert.deepEqual(await jobs(page), ["backup", "big"]);
  await closePage(page);
  await gateway.push("/metrics/job/big", "", "DELETE");
});
