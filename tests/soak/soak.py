#!/usr/bin/env python3
"""soak.py BINARY [--seconds N] [--seed N]

Runs the gateway under mixed load: pushes of several jobs, deletes, scrapes with and without gzip, the JSON listing, bad
requests, slow clients, connections that break. Fails unless every answer is the expected one, resident memory is flat after
the warm-up, the log tells of no error, and the gateway ends with status 0. Works with sanitized builds."""

import argparse
import gzip
import http.client
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

JOBS = 40
FLAGS = [
    "--web.listen-address=127.0.0.1:0",
    "--timeout.header=1s",
    "--timeout.progress=1s",
    "--timeout.idle=2s",
    "--limit.connections=200",
    "--limit.bodies-in-flight=64MiB",
    "--limit.groups=1000",
]
# In seconds: longer than --timeout.progress and what the gateway takes to notice.
PAUSE = 4
# Part of the load: a push that contradicts another one is an error to the operator.
EXPECTED_ERROR = "pushed metrics are invalid or inconsistent"


class Failure(Exception):
    pass


class Client:
    """A connection that is made anew when the gateway has closed it."""

    def __init__(self, port):
        self.port = port
        self.connection = None

    def send(self, method, path, body=None, headers=None):
        for attempt in range(5):
            fresh = self.connection is None
            if fresh:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.connection.request(method, path, body, headers or {})
                response = self.connection.getresponse()
                content = response.read()
                if response.will_close:
                    self.close()
                return response.status, content, response.headers
            except (OSError, http.client.HTTPException):
                # An idle connection may be closed at any time, to make room for another.
                self.close()
        raise Failure(f"{method} {path}: no answer")

    def expect(self, statuses, method, path, body=None, headers=None):
        status, content, fields = self.send(method, path, body, headers)
        if status not in statuses:
            raise Failure(f"{method} {path}: {status} {content[:200]!r}, expected {statuses}")
        return content, fields

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def body_of(random_, samples):
    lines = ["# HELP work_seconds How long it took.", "# TYPE work_seconds gauge"]
    lines += [f'work_seconds{{part="{i}"}} {random_.random() * 100}' for i in range(samples)]
    lines += ["# TYPE work_total counter", f"work_total {random_.randrange(1000)}", "# TYPE sizes histogram"]
    lines += [f'sizes_bucket{{le="{le}"}} {n}' for n, le in enumerate(["0.1", "1", "10", "+Inf"])]
    lines += ["sizes_sum 5", "sizes_count 3", ""]
    return "\n".join(lines).encode()


def push(client, random_):
    path = f"/metrics/job/job{random_.randrange(JOBS)}/instance/a"
    body = body_of(random_, random_.choice([1, 5, 50, 2000]))
    headers = {}
    if random_.random() < 0.3:
        body, headers = gzip.compress(body, 1), {"Content-Encoding": "gzip"}
    client.expect([200, 503], random_.choice(["PUT", "POST"]), path, body, headers)


def delete(client, random_):
    client.expect([202, 503], "DELETE", f"/metrics/job/job{random_.randrange(JOBS)}/instance/a")


def scrape(client, random_):
    headers = {"Accept-Encoding": "gzip"} if random_.random() < 0.5 else {}
    content, fields = client.expect([200, 503], "GET", "/metrics", headers=headers)
    if fields.get("Content-Encoding") == "gzip":
        content = zlib.decompress(content, 31)
    if b"pushgateway_build_info" not in content and b"503 Service" not in content:
        raise Failure("a scrape is not whole")


def listing(client, random_):
    path = random_.choice(["/api/v1/metrics", "/api/v1/status", "/", "/-/healthy", "/-/ready"])
    client.expect([200, 503], "GET", path)


def bad_request(client, random_):
    attempts = [
        ([400], "PUT", "/metrics/job/bad", b"x one\n", {}),
        ([400], "PUT", "/metrics/job/bad", b"no gzip", {"Content-Encoding": "gzip"}),
        ([413], "PUT", "/metrics/job/bad", gzip.compress(b"\n" * 8_000_000), {"Content-Encoding": "gzip"}),
        ([400], "PUT", "/metrics/job/job0/instance/a", b"# TYPE clash gauge\nclash 1\nclash 2\n", {}),
        ([404], "GET", "/metrics/job", None, {}),
        ([405], "PATCH", "/metrics/job/bad", b"", {}),
        ([431], "GET", "/-/ready", None, {f"X-{i}": "1" for i in range(300)}),
        ([414], "GET", "/" + "x" * 70_000, None, {}),
    ]
    expected, method, path, body, headers = random_.choice(attempts)
    client.expect([*expected, 503], method, path, body, headers)


def slow_client(client, random_):
    """Holds a connection for longer than the gateway allows, in one of several ways, until that closes it."""
    request = random_.choice(
        [
            b"",
            b"GET /metrics HTTP/1.1\r\nHost: a\r\n",
            b"PUT /metrics/job/slow HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx",
            b"GET /api/v1/metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 200,
        ]
    )
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        try:
            s.sendall(request)
            # A client that takes something all the time, however slowly, is not cut off: pauses are.
            taken = 1
            while taken:
                time.sleep(PAUSE)
                end = time.monotonic() + PAUSE
                while taken and time.monotonic() < end:
                    taken = len(s.recv(65536))
        except OSError:
            pass


def broken_connection(client, random_):
    request = random_.choice(
        [
            b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /api/v1/metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 20,
            b"PUT /metrics/job/broken HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n" + b"x" * 2_000_000,
        ]
    )
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as s:
        try:
            s.sendall(request)
            if random_.random() < 0.5:
                s.recv(100)
        except OSError:
            pass
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing is a reset


ROLES = [push] * 4 + [delete, scrape, scrape, listing, bad_request] + [slow_client] * 4 + [broken_connection]


class Soak:
    def __init__(self, arguments):
        self.arguments = arguments
        self.counts = {}
        self.failures = []
        self.over = threading.Event()
        self.lock = threading.Lock()

    def work(self, role, number):
        random_ = random.Random(f"{self.arguments.seed} {number}")
        client = Client(self.port)
        try:
            while not self.over.is_set():
                role(client, random_)
                with self.lock:
                    self.counts[role.__name__] = self.counts.get(role.__name__, 0) + 1
        except Exception as e:  # whatever it is, the soak has failed
            self.failures.append(f"{role.__name__}: {type(e).__name__}: {e}")
            self.over.set()
        finally:
            client.close()

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read()).group(1)) / 1024

    def wait_for_port(self, log):
        for _ in range(600):
            with open(log) as lines:
                found = re.search(r'msg="Listening on".*:(\d+)', lines.read())
            if found:
                return int(found.group(1))
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise Failure("the gateway does not listen")

    def run(self):
        with tempfile.TemporaryDirectory() as folder:
            log = os.path.join(folder, "log")
            environment = dict(os.environ)
            # What the sanitizer keeps of freed memory would look like growth.
            environment["ASAN_OPTIONS"] = "quarantine_size_mb=8:" + environment.get("ASAN_OPTIONS", "")
            with open(log, "w") as out:
                self.process = subprocess.Popen(
                    [self.arguments.binary, *FLAGS], stdout=out, stderr=subprocess.STDOUT, env=environment
                )
            try:
                self.port = self.wait_for_port(log)
                samples = self.load()
                self.process.send_signal(signal.SIGTERM)
                code = self.process.wait(60)
            finally:
                if self.process.poll() is None:
                    self.process.kill()
                    self.process.wait()
            with open(log, errors="replace") as lines:
                return self.judge(samples, code, lines.read())

    def load(self):
        threads = [threading.Thread(target=self.work, args=(role, n)) for n, role in enumerate(ROLES)]
        for thread in threads:
            thread.start()
        samples = []
        end = time.monotonic() + self.arguments.seconds
        while time.monotonic() < end and not self.over.wait(self.arguments.seconds / 40):
            samples.append(self.resident())
        self.over.set()
        for thread in threads:
            thread.join()
        return samples

    def judge(self, samples, code, log):
        failures = list(self.failures)
        quarter = len(samples) // 4
        if quarter:
            # The least of each time: what slow clients happen to hold at a moment comes and goes.
            warm, last = min(samples[quarter : 2 * quarter]), min(samples[-quarter:])
            print(f"resident memory in MiB: {warm:.1f} after the warm-up, {last:.1f} in the end")
            if last > warm * (1 + self.arguments.tolerance) + self.arguments.slack:
                failures.append("memory grows")
        print("done:", ", ".join(f"{count} {role}" for role, count in sorted(self.counts.items())))
        for role in {r.__name__ for r in ROLES}:
            if not self.counts.get(role):
                failures.append(f"no {role} came to its end")
        for line in log.splitlines():
            if " level=info " not in line and EXPECTED_ERROR not in line:
                failures.append(line)
        if code != 0:
            failures.append(f"the gateway ended with {code}")
        for failure in failures[:20]:
            print("FAILED:", failure)
        return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--tolerance", type=float, default=0.1, help="growth of memory that is none, a part of it")
    parser.add_argument("--slack", type=float, default=4, help="and MiB beside that")
    sys.exit(Soak(parser.parse_args()).run())


if __name__ == "__main__":
    main()
