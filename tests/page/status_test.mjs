import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askNow, closePage, eventually, openPage, pushMany, screenshot, startBrowser, startGateway, texts } from "./support.mjs";

let browser;

before(async () => { browser = await startBrowser(); });
after(async () => { await browser.close(); });

const pair = (page, name) => page.locator("#status tr", { has: page.getByRole("rowheader", { name, exact: true }) }).locator("td");

test("tells build, start, flags, state, use against limits", async () => {
  const gateway = await startGateway("--log.format=json", "--limit.groups=10");
  await gateway.push("/metrics/job/a", "m 1\n");
  const page = await openPage(browser, `${gateway.url}/status`);
  await eventually(async () => (await pair(page, "Ready").innerText()).split("\n")[0], "yes");
  assert.match(await pair(page, "Version").innerText(), /^\d+\.\d+/);
  assert.match(await pair(page, "Started").innerText(), /ago/);
  assert.match(await pair(page, "Kept").innerText(), /in memory only/);
  assert.match(await pair(page, "--web.listen-address").innerText(), /127\.0\.0\.1:0/);
  await eventually(async () => (await texts(page, ".limit .name")).includes("groups"), true);
  const groups = page.locator(".limit", { has: page.getByText("groups", { exact: true }) });
  await eventually(() => groups.locator("[role=meter]").getAttribute("aria-valuenow"), "1");
  assert.equal(await groups.locator(".of").innerText(), "1 of 10");
  // A push that the limit refuses is told beside it.
  await pushMany(gateway, 11, (i) => `/metrics/job/a/i/${i}`, "m 1\n");
  await askNow(page);
  await eventually(async () => (await texts(page, ".limit .of")).filter((text) => text.includes("refused")), ["2 refused, 10 of 10"]);
  assert.deepEqual(await groups.locator("[role=meter] span").getAttribute("class"), "full");
  await closePage(page);
  await gateway.stop();
});

test("plots its own metrics while it is open", async () => {
  const gateway = await startGateway();
  const page = await openPage(browser, `${gateway.url}/?view=status`);
  const chart = (name) => page.locator("figure", { hasText: name });
  await eventually(async () => (await chart("Memory").locator(".now").innerText()).endsWith("MiB"), true);
  await gateway.push("/metrics/job/a", "m 1\n");
  await gateway.push("/metrics/job/a", "m one\n");
  await eventually(async () => Number.parseFloat(await chart("Refused pushes").locator(".now").innerText()) > 0, true);
  await eventually(async () => /median\s*[\d.]+\s*µs|ms/.test(await chart("Push duration").locator(".now").innerText()), true);
  await eventually(async () => /M.*L/.test(await chart("Memory").locator("path.line").getAttribute("d")), true);
  await screenshot(page, "status");
  await page.getByRole("link", { name: "Groups" }).click();
  await eventually(() => page.locator("#rows td.job").count(), 1);
  assert.equal(await page.locator("#status").isVisible(), false);
  await page.goBack();
  await eventually(() => page.locator("#status").isVisible(), true);
  await closePage(page);
  await gateway.stop();
});

test("says what it waits for, then draws a dot at once, and believes only the gateway", async () => {
  const gateway = await startGateway();
  const page = await openPage(browser, gateway.url);
  let holds = true;
  await page.route("**/metrics?*", async (route) => {
    while (holds) await new Promise((resolve) => { setTimeout(resolve, 20); });
    const answer = await route.fetch();
    const forged = 'pushgateway_limit{job="evil",limit="forged"} 1\nprocess_resident_memory_bytes{job="evil"} 1\n';
    await route.fulfill({ response: answer, body: forged + await answer.text() });
  });
  await page.goto(`${gateway.url}/?view=status`);
  const figure = (name) => page.locator("figure", { has: page.getByText(name, { exact: true }) });
  const now = (name) => figure(name).locator(".now").innerText();
  await eventually(() => now("Memory"), "collecting…");
  holds = false;
  await eventually(async () => (await now("Memory")).endsWith("MiB"), true);
  const dot = figure("Memory").locator("path.last");
  await eventually(async () => /^M(\S+ \S+)L\1$/.test(await dot.getAttribute("d")), true);
  await eventually(() => now("Pushes"), "0/s");
  assert.ok((await texts(page, ".limit .name")).includes("groups"));
  assert.ok(!(await texts(page, ".limit .name")).includes("forged"));
  const ends = await page.locator(".limit, #status-limits h2").evaluateAll((all) => all.map((element) => Math.round((element.lastElementChild ?? element).getBoundingClientRect().right)));
  assert.equal(new Set(ends).size, 1, "limits reach the edge of their card");
  await closePage(page);
  await gateway.stop();
});

test("has no plots where the own metrics are switched off", async () => {
  const gateway = await startGateway("--no-web.own-metrics");
  const page = await openPage(browser, `${gateway.url}/?view=status`);
  await eventually(async () => (await pair(page, "Ready").innerText()).split("\n")[0], "yes");
  assert.equal(await page.locator("#status-plots").isVisible(), false);
  await closePage(page);
  await gateway.stop();
});

test("finds the own metrics on a path of their own, and the exposition elsewhere", async () => {
  const gateway = await startGateway("--web.own-metrics-path=/own", "--web.telemetry-path=/stats");
  const page = await openPage(browser, `${gateway.url}/?view=status`);
  await eventually(async () => (await texts(page, "figure .now"))[3]?.endsWith("MiB"), true);
  await closePage(page);
  await gateway.stop();
});
