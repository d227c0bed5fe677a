import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { closePage, eventually, openPage, screenshot, startBrowser, startGateway, texts } from "./support.mjs";

let browser;
let gateway;

const markup = `"><img src=x onerror="alert(1)"><script>alert(2)</script>' onclick='alert(3)`;
const rightToLeft = "\u202egnp.exe\u202c\u0645\u0631\u062d\u0628\u0627";
const long = "x".repeat(10000);
const encode = (text) => Buffer.from(text).toString("base64url");
const escape = (text) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');

before(async () => {
  browser = await startBrowser();
  gateway = await startGateway();
  for (const value of [markup, rightToLeft, long, "{{7*7}}${8*8}", "a\u0000\n\tb", "..", "/"]) {
    const status = await gateway.push(`/metrics/job@base64/${encode(value)}/label@base64/${encode(value)}`,
      `# HELP m ${escape(value).replaceAll('\\"', '"')}\nm{own="${escape(value)}",proto="__proto__"} 1\n`);
    assert.equal(status, 200, value.slice(0, 40));
  }
  await gateway.push(`/metrics/job/__proto__/constructor/toString`, "constructor 1\n__proto__ 2\n");
  await gateway.push(`/metrics/job@base64/${encode(markup)}`, `m{a="${escape(markup)}"} 1 1\n`);
});
after(async () => {
  await browser.close();
  await gateway.stop();
});

test("shows hostile text as text, in the list, in a group, in dialogs", async () => {
  const page = await openPage(browser, gateway.url);
  await eventually(() => page.locator("#rows td.job").count(), 9);
  for (let i = 0; i < 9; i += 1) {
    await page.locator("#rows td.job a").nth(i).click();
    await eventually(() => page.locator(".family").count().then((n) => n > 0 || page.locator(".families + .after .none").count()).then(Boolean), true);
    await page.locator("#detail").getByRole("button", { name: "Delete…" }).click();
    await page.locator("#dialog").getByRole("button", { name: "Cancel" }).click();
  }
  assert.equal(await page.locator("#main img, #main script, #dialog img").count(), 0);
  assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll("*")].filter((element) =>
    [...element.attributes].some(({ name }) => name.startsWith("on"))).map((element) => element.outerHTML)), []);
  await closePage(page);
});

test("keeps what turns text around inside of its place, and what is long within the row", async () => {
  const page = await openPage(browser, gateway.url);
  await eventually(() => page.locator("#rows td.job").count(), 9);
  const all = (await texts(page, "#rows")).join("");
  assert.ok(all.includes("\\u202egnp.exe\\u202c"), "a direction mark is shown");
  assert.ok(!all.includes("\u202e"));
  const heights = await page.locator("#rows tr:not(.spacer)").evaluateAll((rows) => rows.map((row) => row.offsetHeight));
  assert.deepEqual([...new Set(heights)].length, 1);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  await page.locator("#rows td.job a", { hasText: "xxxx" }).click();
  await page.locator("#detail-title").waitFor();
  assert.deepEqual(await page.locator("#rows td.job").evaluateAll((cells) => cells.filter((cell) => cell.scrollLeft !== 0).length), 0,
    "the beginning of a long name stays in sight");
  assert.deepEqual(await page.locator("#rows td.labels").evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).length), 0,
    "a long label ends within its cell");
  assert.equal(await page.evaluate(() => { const d = document.getElementById("detail"); return d.scrollWidth <= d.clientWidth; }), true);
  await screenshot(page, "hostile");
  await closePage(page);
});

test("lets no character hide", async () => {
  const other = await startGateway("--push.enable-utf8-names");
  assert.equal(await other.push("/metrics/job/soft\u00adhyphen\u3164/U__a_202e_b/x\u200by", "m 1\n"), 200);
  const page = await openPage(browser, other.url);
  await eventually(() => texts(page, "#rows td.job a"), ["soft\\u00adhyphen\\u3164"]);
  assert.deepEqual(await page.locator("#rows td.labels .label").allTextContents(), ["a\\u202ebx\\u200by"]);
  await page.locator("#rows td.job a").click();
  await page.locator(".family").waitFor();
  assert.equal(await page.locator("#detail .labels i").first().textContent(), "a\\u202eb");
  await page.locator("#detail").getByRole("button", { name: "Delete…" }).click();
  assert.deepEqual(await texts(page, "#dialog li"), ['soft\\u00adhyphen\\u3164 a\\u202eb="x\\u200by"']);
  await closePage(page);
  await other.stop();
});

test("opens nothing that is no group, whatever a link says", async () => {
  const page = await openPage(browser, gateway.url);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  for (const open of ["/metrics/../../../evil.json", "/metrics/job/x/%2e%2e/%2E%2e/%2e./status", "/metrics/job/..\\..\\status", "/metrics/job/x?limit=0"]) {
    await page.goto(`${gateway.url}/?${new URLSearchParams({ open })}`);
    await eventually(() => page.locator("#rows td.job").count(), 9);
    assert.equal(await page.locator("#detail").isVisible(), false, open);
  }
  assert.deepEqual(asked.filter((place) => /evil|api\/v1\/(status|groups.)/.test(place)), []);
  await closePage(page);
});

test("reads a hostile link without harm", async () => {
  const link = new URLSearchParams({ q: markup, is: markup, stale: "-9x", sort: markup, open: `//example.com/${markup}`, view: "groups" });
  const page = await openPage(browser, `${gateway.url}/?${link}`);
  await eventually(() => texts(page, "#live-text").then((all) => all.length), 1);
  await eventually(() => page.locator("#empty").isVisible(), true);
  await page.goto(`${gateway.url}/?view=nonsense&open=../../x`);
  await page.locator("#to-groups").click();
  await eventually(() => page.locator("#rows td.job").count(), 9);
  await closePage(page);
});
