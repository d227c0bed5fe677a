import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closePage, eventually, openPage, pushMany, screenshot, startBrowser, startGateway, texts } from "./support.mjs";

const many = 10000;
let browser;
let gateway;

const body = Array.from({ length: 22 }, (_, i) => `metric_${i % 5}{number="${i}"} ${i}`).sort().join("\n") + "\n";

before(async () => {
  browser = await startBrowser();
  gateway = await startGateway();
  await pushMany(gateway, many, (i) => `/metrics/job/job-${String(i % 20).padStart(2, "0")}/host/node-${String(i).padStart(5, "0")}`, body);
});
after(async () => {
  await browser.close();
  await gateway.stop();
});

const hosts = (page) => page.locator("#rows td.labels bdi").allInnerTexts();

test("shows the first screen without asking for all", async (context) => {
  const page = await openPage(browser, gateway.url);
  await eventually(() => texts(page, "#count-any"), ["10,000"]);
  await page.locator("#rows td.job").first().waitFor();
  const figures = await page.evaluate(() => {
    const asked = performance.getEntriesByType("resource").filter(({ name }) => name.includes("/api/v1/groups"));
    return { asked: asked.length, server: Math.round(asked[0].responseStart - asked[0].requestStart), shown: Math.round(asked[0].responseEnd), size: asked[0].decodedBodySize };
  });
  context.diagnostic(`first list: ${figures.server} ms until the server answers, ${figures.shown} ms after the page was asked for, ${figures.size} bytes`);
  assert.ok(figures.size < 60000);
  assert.equal(figures.asked, 1, "the part that is asked for ahead is not asked for twice");
  assert.ok(await page.locator("#rows tr").count() < 80, "only the rows around what is seen exist");
  assert.equal(await page.locator("#table").getAttribute("aria-rowcount"), "10001");
  await screenshot(page, "many");
  await closePage(page);
});

test("scrolls to any place", async (context) => {
  const page = await openPage(browser, gateway.url);
  await page.locator("#rows td.job").first().waitFor();
  const end = () => page.evaluate(() => { const list = document.getElementById("list"); list.scrollTop = list.scrollHeight; });
  await end();
  await eventually(async () => (await hosts(page)).at(-1), "node-09999");
  assert.equal(await page.locator("#rows tr[aria-rowindex]").last().getAttribute("aria-rowindex"), "10001");
  await page.evaluate(() => { document.getElementById("list").scrollTop = 5000 * 44; });
  await eventually(async () => (await page.locator("#rows tr[aria-rowindex='5002']").count()), 1);
  // Frames while the list moves.
  const longest = await page.evaluate(async () => {
    const list = document.getElementById("list");
    list.scrollTop = 0;
    const times = [];
    for (let i = 0; i < 60; i += 1) {
      list.scrollTop += 400;
      times.push(await new Promise((resolve) => { requestAnimationFrame(resolve); }));
    }
    return Math.max(...times.slice(1).map((time, i) => time - times[i]));
  });
  context.diagnostic(`longest frame while scrolling: ${Math.round(longest)} ms`);
  assert.ok(await page.locator("#rows tr").count() < 80);
  await closePage(page);
});

test("finds one of ten thousand, and sorts them", async () => {
  const page = await openPage(browser, gateway.url);
  await page.locator("#rows td.job").first().waitFor();
  await page.fill("#search", "node-07777");
  await eventually(() => hosts(page), ["node-07777"]);
  await page.fill("#search", "metric_4 job-03");
  await eventually(() => texts(page, "#count-any"), ["500"]);
  await page.fill("#search", "");
  await page.locator("#head").getByRole("button", { name: "Last push" }).click();
  await gateway.push("/metrics/job/newest", "m 1\n");
  await eventually(async () => (await page.locator("#rows td.job a").first().innerText()), "newest");
  await closePage(page);
});
