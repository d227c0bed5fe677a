#!/usr/bin/env python3
"""Holds a gateway full of groups beside the Prometheus Pushgateway with the same groups.

    bench/against_upstream.py PUSHGATEWAY [--upstream PROGRAM] [--groups 10000] [--series 20] [--seconds 10] [--folder FOLDER]

Lets the upstream program (default: prometheus-pushgateway, as Debian names it) write a persistence file with the groups
into FOLDER (default: a temporary one), starts it on copies of the file with its consistency check and without, and then
PUSHGATEWAY with the check, one after the other, on free loopback ports. Prints for each: how long the start took, a scrape
(median of five), resident memory after it, the median time of a push to one of the groups, and pushes a second over 16
connections. PUSHGATEWAY has every push on the disk before its answer, upstream every five minutes. All must show the same
series before. Needs wrk.
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
        try:
            self.wait(begin)
        except BaseException:
            self.__exit__()
            raise
        self.ready_after = time.perf_counter() - begin

    def wait(self, begin):
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/-/ready")[0] == 200:
                    break
            self.connection.close()
            if self.process.poll() is not None or time.perf_counter() - begin > 120:
                raise SystemExit(f"{self.process.args[0]} does not get ready")
            time.sleep(0.005)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

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
        assert self.process.wait(120) == 0, self.process.returncode


def timed(action, times):
    taken = []
    for i in range(times):
        begin = time.perf_counter()
        action(i)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def measure(program, file, options, *flags):
    content = body(options.series, 1)
    with Gateway(program, file, *flags) as gateway:
        before = gateway.series()
        scrape = timed(lambda _: gateway.ask("GET", "/metrics"), 5)
        memory = gateway.resident_mib()
        push = timed(lambda i: gateway.push(i % options.groups, content), 50)
        script = f"{file}.lua"
        with open(script, "w", encoding="ascii") as lua:
            lua.write(f"GROUPS = {options.groups}\nBODY = [[\n{content}]]\n{LUA}")
        url = f"http://127.0.0.1:{gateway.port}"
        command = ["wrk", "-t2", "-c16", f"-d{options.seconds}s", "--timeout=60s", f"-s{script}", url]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert "Non-2xx" not in told and "Socket errors" not in told, told
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1])
        gateway.stop()
    figures = {
        "start, ms": 1000 * gateway.ready_after,
        "scrape, ms": 1000 * scrape,
        "memory, MiB": memory,
        "push, ms": 1000 * push,
        "pushes/s": rate,
    }
    return figures, before


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program")
    parser.add_argument("--upstream", default="prometheus-pushgateway")
    parser.add_argument("--groups", type=int, default=10000)
    parser.add_argument("--series", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--folder")
    options = parser.parse_args()
    unchecked = "--push.disable-consistency-check"
    runs = {
        "upstream": (options.upstream,),
        "unchecked": (options.upstream, unchecked),
        "this": (options.program,),
    }
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        original = os.path.join(folder, "original")
        with Gateway(options.upstream, original, unchecked) as writer:
            for group in range(options.groups):
                writer.push(group, body(options.series, 1))
            writer.stop()
        results = {}
        for name, (program, *flags) in runs.items():
            shutil.copy(original, os.path.join(folder, name))
            results[name], series = measure(program, os.path.join(folder, name), options, *flags)
            assert len(series) == options.groups * options.series, len(series)
            assert results.setdefault("series", series) == series, "they show different series"
    print(f"{options.groups} groups of {options.series} series")
    print(f"{'':12}" + "".join(f"{name:>12}" for name in runs))
    for what in results["this"]:
        print(f"{what:12}" + "".join(f"{results[name][what]:12.2f}" for name in runs))


if __name__ == "__main__":
    main()
