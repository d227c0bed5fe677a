import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askNow, closePage, eventually, jobs, openPage, screenshot, startBrowser, startGateway, texts } from "./support.mjs";

let browser;
let gateway;

before(async () => {
  browser = await startBrowser();
  gateway = await startGateway();
  await gateway.push("/metrics/job/etl/host/db1", "rows_total 1\nerrors_total 0\n");
  await gateway.push("/metrics/job/backup/host/db1/disk/sda", "backup_bytes 4.2e9\n");
  await gateway.push("/metrics/job/cron", "runs_total{a=\"1\"} 1\nruns_total{a=\"2\"} 1\nruns_total{a=\"3\"} 1\n");
  assert.equal(await gateway.push("/metrics/job/cron", "runs_total 1 1234\n"), 400);
});
after(async () => {
  await browser.close();
  await gateway.stop();
});

test("says at a glance who pushed, when, and whether it worked", async () => {
  const page = await openPage(browser, gateway.url);
  await eventually(() => jobs(page), ["backup", "cron", "etl"]);
  assert.deepEqual(await texts(page, "#rows td.result .ok"), ["OK", "OK"]);
  assert.deepEqual(await texts(page, "#rows tr.is-failed td.result .failed"), ["Failed"]);
  assert.match(await page.locator("#rows tr.is-failed .reason").innerText(), /^runs_total\{\} carries a timestamp/);
  assert.match(await page.locator("#rows td.labels").first().innerText(), /disk\s*sda\s*host\s*db1/);
  const age = page.locator("#rows time.age").first();
  assert.match(await age.innerText(), /^(just now|\d+ (second|minute)s? ago)$/);
  assert.match(await age.getAttribute("title"), /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
  assert.match(await age.getAttribute("class"), /fresh/);
  assert.equal(await page.title(), "(1 failed) Pushgateway");
  await closePage(page);
});

test("searches as one types, in labels and names of families, and keeps that in the link", async () => {
  const page = await openPage(browser, gateway.url);
  await page.keyboard.press("/");
  await page.keyboard.type("DB1");
  await eventually(() => jobs(page), ["backup", "etl"]);
  await page.keyboard.type(" rows_");
  await eventually(() => jobs(page), ["etl"]);
  await eventually(() => /rows_/.test(page.url()), true);
  await page.reload();
  await eventually(() => jobs(page), ["etl"]);
  assert.equal(await page.locator("#search").inputValue(), "DB1 rows_");
  await page.fill("#search", "nothing is like this");
  await page.getByRole("button", { name: "Show all groups" }).click();
  await eventually(() => jobs(page), ["backup", "cron", "etl"]);
  await page.fill("#search", '{job=~"b.*|c.*"}');
  await eventually(() => jobs(page), ["backup", "cron"]);
  await page.fill("#search", '{job=~"[b]"}');
  await eventually(() => texts(page, "#empty h2"), ["That search is not understood"]);
  await closePage(page);
});

test("sorts by every column that has an order", async () => {
  const page = await openPage(browser, gateway.url);
  const sort = (name) => page.locator("#head").getByRole("button", { name }).click();
  await eventually(() => jobs(page), ["backup", "cron", "etl"]);
  await sort("Job");
  await eventually(() => jobs(page), ["etl", "cron", "backup"]);
  assert.equal(await page.locator("#head th[aria-sort=descending]").innerText(), "Job↓");
  await sort("Last push");
  await eventually(() => jobs(page), ["cron", "backup", "etl"]);
  await sort("Result");
  await eventually(() => jobs(page), ["cron", "backup", "etl"]);
  await sort("Result");
  await eventually(() => jobs(page), ["backup", "etl", "cron"]);
  await sort("Series");
  await eventually(() => jobs(page), ["cron", "etl", "backup"]);
  await page.reload();
  await eventually(() => jobs(page), ["cron", "etl", "backup"]);
  await closePage(page);
});

test("shows the failed and the stale alone", async () => {
  const page = await openPage(browser, `${gateway.url}/?stale=1s`);
  await eventually(() => texts(page, "#count-stale"), ["3"]);
  await eventually(() => page.locator("#rows time.age.stale, #rows time.age.old").count(), 3);
  await page.getByRole("radio", { name: "Failed 1" }).check();
  await eventually(() => jobs(page), ["cron"]);
  await page.getByRole("radio", { name: "Stale 3" }).check();
  await eventually(() => jobs(page), ["backup", "cron", "etl"]);
  await page.selectOption("#stale", "1h");
  await eventually(() => texts(page, "#empty h2"), ["No group matches"]);
  assert.match(page.url(), /is=stale&stale=1h/);
  await closePage(page);
});

test("follows what is pushed, without a request's body while nothing is", async () => {
  const page = await openPage(browser, gateway.url);
  await eventually(() => jobs(page), ["backup", "cron", "etl"]);
  const unchanged = await page.waitForResponse((answer) => answer.url().includes("/api/v1/groups") && answer.status() === 304);
  assert.equal(unchanged.status(), 304);
  await gateway.push("/metrics/job/fresh", "m 1\n");
  await eventually(() => jobs(page), ["backup", "cron", "etl", "fresh"]);
  await gateway.push("/metrics/job/fresh", "", "DELETE");
  await askNow(page);
  await eventually(() => jobs(page), ["backup", "cron", "etl"]);
  await closePage(page);
});

test("rests while nobody looks", async () => {
  const page = await openPage(browser, gateway.url, { ownClock: true });
  await eventually(() => texts(page, "#live-text"), ["live"]);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await eventually(() => texts(page, "#live-text"), ["paused"]);
  let asked = 0;
  page.on("request", () => { asked += 1; });
  await page.clock.runFor(60000);
  assert.equal(asked, 0);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: false, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await eventually(() => texts(page, "#live-text"), ["live"]);
  await closePage(page);
});

test("says clearly that the gateway is gone, and that it is back", async () => {
  const other = await startGateway();
  await other.push("/metrics/job/x", "m 1\n");
  const page = await openPage(browser, other.url);
  await eventually(() => jobs(page), ["x"]);
  await page.context().setOffline(true);
  await askNow(page);
  await eventually(() => texts(page, "#live-text"), ["gateway gone"]);
  await eventually(async () => (await texts(page, "#banner"))[0].startsWith("The gateway has not answered since "), true);
  assert.deepEqual(await jobs(page), ["x"], "what was there stays to be read");
  await screenshot(page, "gone");
  await page.context().setOffline(false);
  await askNow(page);
  await eventually(() => texts(page, "#live-text"), ["live"]);
  await eventually(() => page.locator("#banner").isVisible(), false);
  await closePage(page);
  await other.stop();
});

test("is moved through by the keyboard alone", async () => {
  const page = await openPage(browser, gateway.url);
  await eventually(() => jobs(page), ["backup", "cron", "etl"]);
  await page.locator("#list").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "cron");
  await page.keyboard.press("Enter");
  await eventually(() => texts(page, "#detail-title"), ["cron"]);
  await page.keyboard.press("Escape");
  await eventually(() => page.locator("#detail").isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "cron");
  await page.keyboard.press("x");
  await eventually(() => texts(page, "#bulk .danger"), ["Delete 1 selected…"]);
  await page.keyboard.press("Delete");
  await eventually(() => texts(page, "#dialog h2"), ["Delete this group?"]);
  await page.keyboard.press("Escape");
  await closePage(page);
});

test("helps who has pushed nothing yet", async () => {
  const empty = await startGateway();
  const page = await openPage(browser, empty.url);
  await eventually(() => texts(page, "#empty h2"), ["Nothing was pushed yet"]);
  assert.match(await page.locator("#empty pre").innerText(), /curl -sS --data-binary @- http:\/\/127\.0\.0\.1:\d+\/metrics\/job\/backup$/);
  await closePage(page);
  await empty.stop();
});
