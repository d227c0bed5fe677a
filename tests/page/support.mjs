// A server to look at and a browser to look with.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { chromium } from "playwright-core";

const patience = 20000;

/** Starts the server with these flags on a free port. */
export async function startGateway(...flags) {
  const child = spawn(process.env.PUSHGATEWAY_BINARY, ["--web.listen-address=127.0.0.1:0", ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  const port = await new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error(`no port in: ${log}`)), patience);
    child.stderr.on("data", (piece) => {
      log += piece;
      const found = /Listening on.*127\.0\.0\.1:(\d+)/.exec(log);
      if (found) {
        clearTimeout(giveUp);
        resolve(Number(found[1]));
      }
    });
    child.on("exit", () => {
      clearTimeout(giveUp);
      reject(new Error(`the server has ended: ${log}`));
    });
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    async push(target, body, method = "PUT") {
      // Node.js 18 takes no empty body with DELETE.
      const answer = await fetch(`${url}${target}`, { method, body: body || undefined });
      await answer.arrayBuffer();
      return answer.status;
    },
    /** The paths of all groups. */
    async groups(prefix = "") {
      const answer = await fetch(`${url}${prefix}/api/v1/groups?limit=1000`);
      return (await answer.json()).data.groups.map((group) => group.path);
    },
    signal: (name) => child.kill(name),
    stop: () => new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", resolve);
      child.kill("SIGCONT");
      child.kill("SIGTERM");
    }),
  };
}

export const startBrowser = () => chromium.launch({
  executablePath: process.env.CHROMIUM_BINARY,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

/**
 * A page that fails its test when a script of it fails, or the browser refuses something by the policy. `ownClock`: its
 * timers can be turned forward.
 */
export async function openPage(browser, url, options = {}) {
  const { ownClock, ...others } = options;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...others });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]).catch(() => {});
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => {
    // Answers other than 2xx are what some tests are about.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) page.problems.push(message.text());
  });
  page.on("dialog", (dialog) => {
    page.problems.push(`a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  if (ownClock) await page.clock.install();
  await page.goto(url);
  return page;
}

/** Lets the page ask at once, as it does when a reader comes back to it, and not only at its next time. */
export const askNow = (page) => page.evaluate(() => { document.dispatchEvent(new Event("visibilitychange")); });

/** Pushes into many groups. */
export async function pushMany(gateway, count, target, body) {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const i = next;
      next += 1;
      await gateway.push(target(i), body);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
}

export async function closePage(page) {
  assert.deepEqual(page.problems, []);
  await page.context().close();
}

/** Waits until `look()` gives what is expected. */
export async function eventually(look, expected) {
  const deadline = Date.now() + patience;
  let seen;
  for (;;) {
    seen = await look();
    try {
      assert.deepEqual(seen, expected);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

export const texts = (page, selector) => page.locator(selector).allInnerTexts();
export const jobs = (page) => page.locator("#rows td.job a").allInnerTexts();

export async function screenshot(page, name) {
  fs.mkdirSync(process.env.PAGE_SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(process.env.PAGE_SCREENSHOTS, `${name}.png`) });
}

/** A proxy before a server: `decide(request)` gives a path to pass on, or a response as [status, headers, text]. */
export async function startProxy(port, decide) {
  const proxy = http.createServer((request, response) => {
    const decision = decide(request);
    if (Array.isArray(decision)) {
      response.writeHead(decision[0], decision[1]);
      response.end(decision[2]);
      return;
    }
    const onward = http.request({ host: "127.0.0.1", port, path: decision, method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => { proxy.listen(0, "127.0.0.1", resolve); });
  return {
    url: `http://127.0.0.1:${proxy.address().port}`,
    stop: () => new Promise((resolve) => { proxy.close(resolve); proxy.closeAllConnections(); }),
  };
}

/** A body with every type that the text format has. */
export const everyType = `# HELP last_success_seconds When the job last ended well.
# TYPE last_success_seconds gauge
last_success_seconds 1.7e+09
# HELP records_total Records handled, by outcome.
# TYPE records_total counter
records_total{outcome="ok"} 38428
records_total{outcome="failed"} 7
# HELP step_seconds Time of each step.
# TYPE step_seconds histogram
step_seconds_bucket{le="0.1"} 3
step_seconds_bucket{le="1"} 43
step_seconds_bucket{le="10"} 49
step_seconds_bucket{le="+Inf"} 50
step_seconds_sum 71.5
step_seconds_count 50
# TYPE rpc_seconds summary
rpc_seconds{quantile="0.5"} 0.012
rpc_seconds{quantile="0.99"} 0.31
rpc_seconds_sum 12.5
rpc_seconds_count 512
# TYPE exit_code untyped
exit_code NaN
`;
