#!/usr/bin/env python3
"""Holds a gateway full of groups beside the Prometheus Pushgateway with the same groups.

    bench/against_upstream.py PUSHGATEWAY [--upstream PROGRAM] [--groups 10000] [--series 20] [--seconds 10]

Lets the upstream program (default: prometheus-pushgateway, as Debian names it) write a persistence file with the groups,
starts both programs on copies of it, one after the other, on free loopback ports, and prints for each: how long the start
took, a scrape (median of five), resident memory after it, the median time of a push to one of the groups, and pushes a
second over 16 connections. Both must show the same series before and the same values after. Needs wrk.
"""

import argparse
import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

LUA = """
local n = 0
function request()
    n = (n + 7919) % GROUPS
    return wrk.format("PUT", string.format("/metrics/job/job-%d/host/node-%05d", n % 20, n), nil, BODY)
end
"""


def body(series, value):
    lines = [f'step_seconds{{step="number-{i:02}"}} {value}.5\n' for i in range(series)]
    return "# TYPE step_seconds gauge\n" + "".join(lines)


def path(group):
    return f"/metrics/job/job-{group % 20}/host/node-{group:05}"


class Gateway:
    """A running program, and a connection to it."""

    def __init__(self, program, file, *flags):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        begin = time.perf_counter()
        self.process = subprocess.Popen(
            [program, f"--web.listen-address=127.0.0.1:{self.port}", f"--persistence.file={file}", *flags],
            stderr=subprocess.DEVNULL,
        )
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/-/ready")[0] == 200:
                    break
            self.connection.close()
            if self.process.poll() is not None or time.perf_counter() - begin > 120:
                raise SystemExit(f"{program} does not get ready")
            time.sleep(0.005)
        self.ready_after = time.perf_counter() - begin

    def ask(self, method, target, content=None):
        self.connection.request(method, target, content)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def push(self, group, content):
        status, answer = self.ask("PUT", path(group), content)
        assert status in (200, 202), (status, answer)

    def series(self):
        status, text = self.ask("GET", "/metrics")
        assert status == 200, status
        return sorted(re.findall(rb"^step_seconds.*$", text, re.MULTILINE))

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def stop(self):
        self.connection.close()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(120) in (0, 1, -signal.SIGTERM)


def timed(action, times):
    taken = []
    for i in range(times):
        begin = time.perf_counter()
        action(i)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def measure(program, file, options, folder):
    gateway = Gateway(program, file)
    try:
        before = gateway.series()
        scrape = timed(lambda _: gateway.ask("GET", "/metrics"), 5)
        memory = gateway.resident_mib()
        push = timed(lambda i: gateway.push(i % options.groups, body(options.series, 2)), 50)
        for group in range(50):
            gateway.push(group % options.groups, body(options.series, 1))
        script = os.path.join(folder, "push.lua")
        with open(script, "w", encoding="ascii") as lua:
            lua.write(f"GROUPS = {options.groups}\nBODY = [[\n{body(options.series, 1)}]]\n{LUA}")
        told = subprocess.run(
            ["wrk", "-t2", "-c16", f"-d{options.seconds}s", "--timeout=60s", f"-s{script}", f"http://127.0.0.1:{gateway.port}"],
            check=True, capture_output=True, text=True,
        ).stdout
        assert "Non-2xx" not in told and "Socket errors" not in told, told
        return {
            "start": gateway.ready_after,
            "scrape": scrape,
            "memory": memory,
            "push": push,
            "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]),
            "series": (before, gateway.series()),
        }
    finally:
        gateway.stop()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--upstream", default="prometheus-pushgateway")
    parser.add_argument("--groups", type=int, default=10000)
    parser.add_argument("--series", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        original = os.path.join(folder, "original")
        # Its check takes time in proportion to all that is there.
        writer = Gateway(options.upstream, original, "--push.disable-consistency-check")
        for group in range(options.groups):
            writer.push(group, body(options.series, 1))
        writer.stop()
        results = {}
        for name, program in (("upstream", options.upstream), ("this", options.program)):
            copy = os.path.join(folder, name)
            shutil.copy(original, copy)
            results[name] = measure(program, copy, options, folder)
    upstream, this = results["upstream"], results["this"]
    assert len(this["series"][0]) == options.groups * options.series, len(this["series"][0])
    assert this["series"] == upstream["series"], "the two show different series"
    print(f"{options.groups} groups of {options.series} series")
    for what, unit, factor in (("start", "ms", 1000), ("scrape", "ms", 1000), ("memory", "MiB", 1), ("push", "ms", 1000)):
        a, b = upstream[what] * factor, this[what] * factor
        print(f"{what:8} {a:12.2f} {b:12.2f} {unit:5} {a / b:8.1f} times less")
    a, b = upstream["rate"], this["rate"]
    print(f"{'pushes/s':8} {a:12.1f} {b:12.1f} {'':5} {b / a:8.1f} times more")


if __name__ == "__main__":
    main()
