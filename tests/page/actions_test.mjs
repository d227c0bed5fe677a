import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { closePage, eventually, jobs, openPage, pushMany, screenshot, startBrowser, startGateway, startProxy, texts } from "./support.mjs";

let browser;
let gateway;
let page;

before(async () => {
  browser = await startBrowser();
  gateway = await startGateway("--web.enable-admin-api");
});
afterEach(async () => {
  await closePage(page);
  await fetch(`${gateway.url}/api/v1/admin/wipe`, { method: "PUT" });
});
after(async () => {
  await browser.close();
  await gateway.stop();
});

const confirm = (name) => page.locator("#dialog").getByRole("button", { name }).click();

test("deletes the open group after asking", async () => {
  await gateway.push("/metrics/job/a/path@base64/L3Zhcg/empty@base64/=", "m 1\n");
  await gateway.push("/metrics/job/b", "m 1\n");
  page = await openPage(browser, gateway.url);
  await page.locator("#rows td.job a").first().click();
  await page.locator("#detail").getByRole("button", { name: "Delete…" }).click();
  assert.deepEqual(await texts(page, "#dialog h2"), ["Delete this group?"]);
  assert.deepEqual(await texts(page, "#dialog li"), ['a empty="" path="/var"']);
  await confirm("Cancel");
  assert.equal((await gateway.groups()).length, 2);
  await page.locator("#detail").getByRole("button", { name: "Delete…" }).click();
  await confirm("Delete 1 group");
  await eventually(() => jobs(page), ["b"]);
  await eventually(() => page.locator("#detail").isVisible(), false);
  assert.deepEqual(await gateway.groups(), ["/metrics/job/b"]);
});

test("deletes the selected", async () => {
  for (const job of ["a", "b", "c", "d"]) await gateway.push(`/metrics/job/${job}`, "m 1\n");
  page = await openPage(browser, gateway.url);
  await page.getByLabel("Select b").check();
  await page.getByLabel("Select d").check();
  await page.getByRole("button", { name: "Delete 2 selected…" }).click();
  assert.deepEqual(await texts(page, "#dialog li"), ["b", "d"]);
  await screenshot(page, "delete");
  await confirm("Delete 2 groups");
  await eventually(() => jobs(page), ["a", "c"]);
  await eventually(() => texts(page, "#toast"), ["Deleted 2 groups"]);
  assert.equal(await page.getByRole("button", { name: /selected/ }).count(), 0);
});

test("deletes all that match, and tells how many and which", async () => {
  await pushMany(gateway, 1200, (i) => `/metrics/job/old/i/${i}`, "m 1\n");
  await gateway.push("/metrics/job/kept", "m 1\n");
  page = await openPage(browser, gateway.url);
  await eventually(() => texts(page, "#count-any"), ["1,201"]);
  assert.equal(await page.getByRole("button", { name: /match…/ }).count(), 0, "nothing is narrowed yet");
  await page.fill("#search", "job=old");
  await page.getByRole("button", { name: "Delete all 1,200 that match…" }).click();
  await eventually(() => texts(page, "#dialog h2"), ["Delete 1,200 groups?"]);
  assert.equal(await page.locator("#dialog li").count(), 201);
  assert.equal(await page.locator("#dialog li").last().innerText(), "and 1,000 more");
  await confirm("Delete 1,200 groups");
  await eventually(() => texts(page, "#toast"), ["Deleted 1,200 groups"]);
  assert.deepEqual(await gateway.groups(), ["/metrics/job/kept"]);
});

test("does not put a question that took long in the place of another", async () => {
  for (const job of ["a", "b", "c"]) await gateway.push(`/metrics/job/${job}`, "m 1\n");
  page = await openPage(browser, `${gateway.url}/?q=m`);
  let answer;
  await page.route("**/api/v1/groups?*limit=1000*", async (route) => {
    await new Promise((resolve) => { answer = resolve; });
    await route.continue();
  });
  await page.getByRole("button", { name: "Delete all 3 that match…" }).click();
  await eventually(() => texts(page, "#dialog h2"), ["Looking for the groups…"]);
  await confirm("Cancel");
  await page.locator("#rows td.job a").first().click();
  await page.locator("#detail").getByRole("button", { name: "Delete…" }).click();
  const answered = page.waitForResponse(/limit=1000/);
  answer();
  await (await answered).finished();
  await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve); }));
  assert.deepEqual(await texts(page, "#dialog h2"), ["Delete this group?"]);
  await confirm("Delete 1 group");
  await eventually(() => jobs(page), ["b", "c"]);
});

test("wipes everything after asking", async () => {
  await gateway.push("/metrics/job/a", "m 1\n");
  await gateway.push("/metrics/job/b", "m 1\n");
  page = await openPage(browser, gateway.url);
  await page.getByRole("button", { name: "Wipe…" }).click();
  assert.deepEqual(await texts(page, "#dialog h2"), ["Wipe the whole gateway?"]);
  await confirm("Wipe 2 groups");
  await eventually(() => texts(page, "#empty h2"), ["Nothing was pushed yet"]);
  assert.deepEqual(await gateway.groups(), []);
});

test("offers no wipe without the admin API", async () => {
  const plain = await startGateway();
  await plain.push("/metrics/job/a", "m 1\n");
  page = await openPage(browser, plain.url);
  await eventually(() => jobs(page), ["a"]);
  assert.equal(await page.getByRole("button", { name: "Wipe…" }).count(), 0);
  await plain.stop();
});

test("offers nothing that is not permitted, and tells why something was refused", async () => {
  for (const job of ["a", "b"]) await gateway.push(`/metrics/job/${job}`, "m 1\n");
  const reader = await startProxy(gateway.port, (request) =>
    (request.method === "DELETE" ? [403, {}, "the user \"eve\" may not push to or delete the job \"a\"\n"] : request.url));
  page = await openPage(browser, reader.url);
  await page.getByLabel("Select a").check();
  await page.getByRole("button", { name: "Delete 1 selected…" }).click();
  await confirm("Delete 1 group");
  await eventually(() => texts(page, "#dialog h2"), ["Not everything was deleted"]);
  assert.match(await page.locator("#dialog p").innerText(), /^0 groups deleted, 1 refused: .?the user "eve" may not/);
  await confirm("Close");
  assert.deepEqual(await jobs(page), ["a", "b"]);
  await page.route("**/api/v1/groups?*", async (route) => {
    const answer = await route.fetch({ headers: { ...route.request().headers(), "if-none-match": "" } });
    const body = await answer.json();
    body.data.permitted = { push: false, delete: false, wipe: false };
    await route.fulfill({ response: answer, json: body });
  });
  await page.reload();
  await eventually(() => jobs(page), ["a", "b"]);
  assert.equal(await page.locator("#rows input:visible").count(), 0);
  assert.equal(await page.getByRole("button", { name: /Wipe|Delete/ }).count(), 0);
  await page.locator("#rows td.job a").first().click();
  await eventually(() => texts(page, "#detail .head .buttons button"), ["Copy text"]);
  await reader.stop();
});
