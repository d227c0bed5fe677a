import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { closePage, eventually, everyType, jobs, openPage, screenshot, startBrowser, startGateway, texts } from "./support.mjs";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let browser;
let gateway;
const open = `?open=${encodeURIComponent("/metrics/job/nightly-report/instance/db1/region/eu-1")}`;

before(async () => {
  browser = await startBrowser();
  gateway = await startGateway("--web.enable-admin-api");
  const names = ["billing-export", "cert-renewal", "ci-build", "db-migration", "etl-customers", "etl-orders", "image-resize", "nightly-report", "search-index"];
  for (const [i, name] of names.entries()) {
    for (const region of ["eu-1", "us-2"]) {
      await gateway.push(`/metrics/job/${name}/instance/db${1 + (i % 3) * (name === "nightly-report" ? 0 : 1)}/region/${region}`, everyType);
    }
  }
  await gateway.push("/metrics/job/etl-orders/instance/db3/region/eu-1", "exit_code 0 1700000000000\n");
});
after(async () => {
  await browser.close();
  await gateway.stop();
});

/** What axe finds wrong. The policy bars scripts in the page, but not those of the debugger. */
async function faults(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).slice(0, 3).join(" | ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`is accessible, ${colorScheme}: list, group, dialog, status`, async () => {
    const page = await openPage(browser, gateway.url, { colorScheme });
    await eventually(() => jobs(page).then((all) => all.length > 10), true);
    await screenshot(page, `list-${colorScheme}`);
    assert.deepEqual(await faults(page), []);
    await page.goto(`${gateway.url}/${open}`);
    await page.locator("svg.histogram").waitFor();
    await screenshot(page, `group-${colorScheme}`);
    assert.deepEqual(await faults(page), []);
    await page.locator("#detail").getByRole("button", { name: "Delete…" }).click();
    assert.deepEqual(await faults(page), []);
    await page.keyboard.press("Escape");
    await page.goto(`${gateway.url}/?view=status`);
    await eventually(async () => (await texts(page, "figure .now"))[3]?.endsWith("MiB"), true);
    await page.locator("#status-flags tr").first().waitFor();
    await screenshot(page, `status-${colorScheme}`);
    assert.deepEqual(await faults(page), []);
    await closePage(page);
  });
}

test("is dark where the reader wants that", async () => {
  const light = async (colorScheme) => {
    const page = await openPage(browser, gateway.url, { colorScheme });
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await closePage(page);
    return Math.min(...colour.match(/\d+/g).map(Number)) > 128;
  };
  assert.equal(await light("light"), true);
  assert.equal(await light("dark"), false);
});

test("fits on a phone", async () => {
  const page = await openPage(browser, gateway.url, { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  await eventually(() => jobs(page).then((all) => all.length > 5), true);
  assert.equal(await fits(), true);
  // Both labels of a group, beside its result.
  assert.equal(await page.locator("#rows td.labels").first().evaluate((cell) => cell.scrollWidth <= cell.clientWidth), true);
  const [wipe, stale] = await Promise.all(["#bulk button", "#stale"].map((which) => page.locator(which).boundingBox()));
  assert.ok(Math.abs(wipe.y + wipe.height / 2 - stale.y - stale.height / 2) < 4, "Wipe stands in the row of what narrows the list");
  await screenshot(page, "phone-list");
  assert.deepEqual(await faults(page), []);
  await page.locator("#rows td.job a").nth(3).tap();
  await page.locator("svg.histogram").waitFor();
  assert.equal(await page.locator("#list").isVisible(), false, "the group takes the whole width");
  assert.equal(await fits(), true);
  await screenshot(page, "phone-group");
  assert.deepEqual(await faults(page), []);
  await page.getByRole("button", { name: "Close this group" }).tap();
  await eventually(() => page.locator("#list").isVisible(), true);
  await page.getByRole("link", { name: "Status" }).tap();
  await page.locator("#status-flags tr").first().waitFor();
  assert.equal(await fits(), true);
  await screenshot(page, "phone-status");
  await closePage(page);
});

test("announces to those who do not see", async () => {
  const page = await openPage(browser, gateway.url);
  await eventually(() => page.locator("#found").innerText(), "18 groups of 18 shown");
  await page.fill("#search", "ci-build");
  await eventually(() => page.locator("#found").innerText(), "2 groups of 18 shown");
  assert.equal(await page.locator("#found").getAttribute("role"), "status");
  assert.equal(await page.locator("#banner").getAttribute("role"), "alert");
  assert.equal(await page.getByRole("table").count(), 1);
  assert.equal(await page.getByRole("columnheader", { name: "Last push" }).getAttribute("aria-sort"), "none");
  await closePage(page);
});
