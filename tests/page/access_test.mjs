import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { askNow, closePage, eventually, jobs, openPage, startBrowser, startGateway, startProxy, texts } from "./support.mjs";

let browser;

before(async () => { browser = await startBrowser(); });
after(async () => { await browser.close(); });

async function deletesAndReloads(page, gateway, prefix) {
  await eventually(() => jobs(page), ["a", "b"]);
  await page.locator("#rows td.job a").first().click();
  await eventually(() => texts(page, ".family .name"), ["m"]);
  await page.reload();
  await eventually(() => texts(page, ".family .name"), ["m"]);
  await page.locator("#detail").getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete 1 group" }).click();
  await eventually(() => jobs(page), ["b"]);
  assert.deepEqual(await gateway.groups(prefix), ["/metrics/job/b"]);
  await page.getByRole("link", { name: "Status" }).click();
  await eventually(async () => (await texts(page, "figure .now"))[3]?.endsWith("MiB"), true);
}

test("works below a route prefix", async () => {
  const gateway = await startGateway("--web.route-prefix=/inner/push");
  for (const job of ["a", "b"]) await gateway.push(`/inner/push/metrics/job/${job}`, "m 1\n");
  const page = await openPage(browser, `${gateway.url}/inner/push`);
  assert.equal(new URL(page.url()).pathname, "/inner/push/");
  await deletesAndReloads(page, gateway, "/inner/push");
  await closePage(page);
  await gateway.stop();
});

test("works where a proxy puts it below an external URL", async () => {
  const gateway = await startGateway("--web.external-url=http://gateway.example/far/out/", "--web.route-prefix=/");
  const proxy = await startProxy(gateway.port, ({ url }) => {
    const below = /^\/far\/out(\/[^?]*)?(\?.*)?$/.exec(url);
    return below ? (below[1] ?? "/") + (below[2] ?? "") : [404, {}, "elsewhere"];
  });
  for (const path of ["/far/out/", "/far/out", "/far/out/status?view=groups", "/far/out/status/?view=groups"]) {
    for (const job of ["a", "b"]) await gateway.push(`/metrics/job/${job}`, "m 1\n");
    const page = await openPage(browser, proxy.url + path);
    await deletesAndReloads(page, gateway, "");
    await closePage(page);
  }
  await proxy.stop();
  await gateway.stop();
});

test("a form of another page can neither push nor stop the gateway", async () => {
  const gateway = await startGateway("--web.enable-lifecycle");
  const form = (action) => [200, { "Content-Type": "text/html" }, `<form method="post" enctype="text/plain" action="${action}">
    <textarea name="m 1\n# ">\n</textarea><button>Go</button></form>`];
  const other = await startProxy(gateway.port, ({ url }) => form(`http://${url.slice(1)}`));
  // A site of its own, and another server of the same host.
  for (const host of [`localhost:${gateway.port}`, `127.0.0.1:${gateway.port}`]) {
    for (const path of ["/metrics/job/evil", "/-/quit"]) {
      const page = await openPage(browser, `${other.url}/${host}${path}`);
      const [answer] = await Promise.all([page.waitForNavigation(), page.getByRole("button", { name: "Go" }).click()]);
      assert.equal(answer.status(), 403);
      assert.match(await answer.text(), /a browser sent this for a page of another site/);
      await closePage(page);
    }
  }
  assert.deepEqual(await gateway.groups(), []);
  await other.stop();
  await gateway.stop();
});

test("works with authentication, and says when it is needed or not enough", async () => {
  const gateway = await startGateway();
  for (const job of ["a", "b"]) await gateway.push(`/metrics/job/${job}`, "m 1\n");
  let status = 0;
  const right = `Basic ${Buffer.from("eve:secret").toString("base64")}`;
  const proxy = await startProxy(gateway.port, ({ url, headers }) => {
    if (headers.authorization !== right) return [401, { "WWW-Authenticate": "Basic" }, "Unauthorized\n"];
    if (status === 401) return [401, {}, "Unauthorized\n"];
    if (status === 403 && url.startsWith("/api/")) return [403, {}, "the user \"eve\" does not have the role \"read\"\n"];
    return url;
  });
  const page = await openPage(browser, proxy.url, { httpCredentials: { username: "eve", password: "secret" } });
  await deletesAndReloads(page, gateway, "");
  await page.getByRole("link", { name: "Groups" }).click();
  status = 403;
  await askNow(page);
  await eventually(() => texts(page, "#live-text"), ["not permitted"]);
  await eventually(() => texts(page, "#banner"), ['You may not see this: the user "eve" does not have the role "read"']);
  status = 401;
  await askNow(page);
  await eventually(() => texts(page, "#live-text"), ["not signed in"]);
  status = 0;
  await askNow(page);
  await eventually(() => texts(page, "#live-text"), ["live"]);
  await closePage(page);
  await proxy.stop();
  await gateway.stop();
});
