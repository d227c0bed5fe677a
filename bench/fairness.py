#!/usr/bin/env python3
"""Whether one client takes the service from the others.

    bench/fairness.py BINARY [REFERENCE] [--only=LOAD,...] [--groups=60000]

Starts each program on a loopback port, puts one load after the other on it, and beside that load asks for scrapes and
probes. Prints for each load how long a scrape took alone and how long the slowest one beside it, the slowest probe, and
what else the load is about. Every answer is checked. BINARY has to keep the bars (a scrape three times what it takes
alone, a probe 50 ms); REFERENCE, another build to compare with, need not. Exit status 1 if a bar is missed.
"""

import argparse
import gzip
import http.client
import multiprocessing
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SCRAPE_BAR = 3
PROBE_BAR = 0.05
PROCESSES = multiprocessing.get_context("fork")
# Between two requests of one kind.
PAUSE = 0.05
# What a scrape of no size may take although it takes less alone: the processors are shared with the load's clients.
SMALLEST = 0.02


class Gateway:
    """A program under test, on a port of its own."""

    def __init__(self, binary, *flags, descriptors=None, stderr=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))) if descriptors else None
        self.process = subprocess.Popen(
            [binary, f"--web.listen-address=127.0.0.1:{self.port}", *flags],
            stderr=subprocess.DEVNULL if stderr is None else stderr, preexec_fn=limit)
        for _ in range(200):
            try:
                self.get("/-/ready")
                return
            except (OSError, RuntimeError):
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        self.process.kill()
        raise RuntimeError(f"{binary} does not answer")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def connect(self, timeout=120):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def socket(self, timeout=120):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def ask(self, method, path, body=None, headers=None, timeout=120):
        connection = self.connect(timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path, timeout=120):
        status, body = self.ask("GET", path, timeout=timeout)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {body[:100]}")
        return body

    def fill(self, groups):
        """So many groups of one series each, over one connection."""
        with self.socket() as connection:
            answers = connection.makefile("rb")
            for first in range(0, groups, 200):
                numbers = range(first, min(first + 200, groups))
                connection.sendall(b"".join(
                    b"PUT /metrics/job/j/instance/i%d HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n\r\nvalue %05d\n" %
                    (i, i % 100000) for i in numbers))
                for _ in numbers:
                    line = answers.readline()
                    if b" 200 " not in line:
                        raise RuntimeError(line)
                    while answers.readline() != b"\r\n":
                        pass


def timed(call):
    begin = time.monotonic()
    call()
    return time.monotonic() - begin


def scrape(gateway):
    """Reads a scrape with little work of its own: in HTTP/1.0 there are no chunks, and it ends with the connection."""
    with gateway.socket() as connection:
        connection.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        pieces = iter(lambda: connection.recv(1 << 20), b"")
        answer = b"".join(pieces)
    if answer[8:13] != b" 200 " or b"\npushgateway_build_info" not in answer:
        raise RuntimeError("this is no whole scrape: " + repr(answer[:100]))


def alone(gateway, change=None):
    """What a scrape takes when nothing else goes on, asked as often as beside a load. `change`: what the load does to
    what is stored, which the first scrape after it has to render anew."""
    times = []
    for _ in range(7):
        if change:
            change()
        time.sleep(PAUSE)
        times.append(timed(lambda: scrape(gateway)))
    return sorted(times)[3]


class Beside:
    """Scrapes and probes, one after the other, as long as something else goes on: by processes of their own, since the
    threads of one Python program wait for each other."""

    def __init__(self, gateway, scrapes=True):
        self.scrapes, self.probes, self.failures = [], [], []
        self.stop = PROCESSES.Event()
        self.ready = PROCESSES.Semaphore(0)
        self.asked = [(self.probes, lambda: gateway.get("/-/healthy")), (self.probes, lambda: gateway.get("/-/ready"))]
        if scrapes:
            self.asked.append((self.scrapes, lambda: scrape(gateway)))

    def ask(self, call, answer):
        times, failures = [], []
        while not self.stop.is_set():
            try:
                times.append(timed(call))
            except (OSError, RuntimeError, http.client.HTTPException) as e:
                failures.append(repr(e))
            if len(times) + len(failures) == 1:
                self.ready.release()
            self.stop.wait(PAUSE)
        # The first call of a process is slow for reasons of its own.
        answer.send((times[1:], failures))

    def __enter__(self):
        self.processes = []
        for times, call in self.asked:
            here, there = PROCESSES.Pipe(duplex=False)
            process = PROCESSES.Process(target=self.ask, args=(call, there))
            process.start()
            there.close()
            self.processes.append((process, here, times))
        for _ in self.processes:
            if not self.ready.acquire(timeout=60):
                raise RuntimeError("the processes that ask do not begin")
        return self

    def __exit__(self, *_):
        self.stop.set()
        for process, here, times in self.processes:
            got, failures = here.recv()
            times += got
            self.failures += failures
            process.join()


def load_lists(binary, options):
    with Gateway(binary) as gateway:
        gateway.fill(options.groups)
        quiet = alone(gateway)
        stop = threading.Event()
        lists, pushes, wrong = [], [], []

        def repeat(times, method, path, body=None):
            connection = gateway.connect()
            while not stop.is_set():
                begin = time.monotonic()
                connection.request(method, path, body)
                answer = connection.getresponse()
                answer.read()
                if answer.status not in (200, 503):
                    wrong.append(answer.status)
                times.append(time.monotonic() - begin)

        clients = [threading.Thread(target=repeat, args=(lists, "GET", "/api/v1/groups?limit=1&search=zz")) for _ in range(6)]
        clients.append(threading.Thread(target=repeat, args=(pushes, "PUT", "/metrics/job/pusher", "x 1\n")))
        with Beside(gateway) as beside:
            for client in clients:
                client.start()
            time.sleep(options.seconds)
            stop.set()
        for client in clients:
            client.join()
        return quiet, beside, f"{len(lists)} lists, {len(pushes)} pushes, slowest {max(lists):.2f}, {max(pushes):.3f} s", not wrong


def compressed_push():
    rng = random.Random(1)
    lines = "".join(f'm{{i="{i}"}} {rng.random():.12f}\n' for i in range(45_000))
    return gzip.compress(lines.encode(), 6)


def abandon(gateway, body, count):
    """Pushes whose clients close at once."""
    for i in range(count):
        with gateway.socket() as connection:
            connection.sendall(b"PUT /metrics/job/a HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
                               % len(body) + body)


def load_abandoned(binary, options):
    body = compressed_push()
    with Gateway(binary, "--web.shutdown-grace=3s") as gateway:
        def push():
            gateway.ask("PUT", "/metrics/job/a", body, {"Content-Encoding": "gzip"})

        push()
        unchanged = alone(gateway)
        quiet = alone(gateway, push)
        used = resource_of(gateway)
        with Beside(gateway) as beside:
            abandon(gateway, body, 200)
            time.sleep(options.seconds)
        spent = resource_of(gateway) - used
        abandon(gateway, body, 150)
        gateway.process.send_signal(signal.SIGTERM)
        took = timed(lambda: gateway.process.wait(60))
        status = gateway.process.returncode
        return (quiet, beside, f"pushes of {len(body)} bytes, unchanged {unchanged * 1000:.1f} ms, {spent:.1f} s of CPU; exit {status} {took:.1f} s after SIGTERM",
                status == 0 and took < 4.5)


def resource_of(gateway):
    """The time of processors that it has used."""
    with open(f"/proc/{gateway.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def stuck(gateway, count):
    out = []
    for _ in range(count):
        connection = gateway.socket(5)
        connection.sendall(b"PUT /metrics/job/stuck HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nx")
        out.append(connection)
    return out


def load_seats(binary, options):
    with Gateway(binary, "--limit.connections=10") as gateway:
        quiet = alone(gateway)
        held = stuck(gateway, 42)
        with Beside(gateway) as beside:
            time.sleep(2)
        return quiet, beside, f"{len(held)} clients stuck at 10 connections", True


def load_descriptors(binary, options):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with Gateway(binary, descriptors=1024) as gateway:
        quiet = alone(gateway)
        held = stuck(gateway, 1010)
        with Beside(gateway) as beside:
            time.sleep(2)
        return quiet, beside, f"{len(held)} clients stuck at 1024 descriptors", True


def load_slow_readers(binary, options):
    with Gateway(binary, "--timeout.progress=6s") as gateway:
        lines = "".join(f'm{{i="{i}",text="{"x" * 80}"}} {i}\n' for i in range(100_000))
        if gateway.ask("PUT", "/metrics/job/large", lines)[0] != 200:
            raise RuntimeError("refused")
        quiet = alone(gateway)
        cut = []

        def read(rate):
            with socket.socket() as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
                connection.settimeout(60)
                connection.connect(("127.0.0.1", gateway.port))
                connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
                end = time.monotonic() + 20
                while time.monotonic() < end:
                    try:
                        if not connection.recv(rate // 20):
                            cut.append(rate)
                            return
                    except OSError:
                        cut.append(rate)
                        return
                    time.sleep(0.05)

        readers = [threading.Thread(target=read, args=(rate * 1000,)) for rate in (20, 50, 100, 200)]
        with Beside(gateway) as beside:
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
        return quiet, beside, f"cut off of 20, 50, 100 and 200 KB/s: {sorted(cut)}", not cut


def load_large_push(binary, options):
    with Gateway(binary) as gateway, tempfile.NamedTemporaryFile() as file:
        file.writelines(f'm{{i="{i}"}} {i}\n'.encode() for i in range(1_000_000))
        file.flush()
        gateway.fill(1000)
        quiet = alone(gateway)
        stop = threading.Event()
        small = []

        def push():
            connection = gateway.connect()
            while not stop.is_set():
                begin = time.monotonic()
                connection.request("PUT", "/metrics/job/small", "x 1\n")
                answer = connection.getresponse()
                answer.read()
                small.append(time.monotonic() - begin)

        pusher = threading.Thread(target=push)
        done = []

        def change():
            # By another process: to send so much would stop the threads of this one.
            for arguments in (["-T", file.name], ["-X", "PUT", "-d", ""], ["-T", file.name], ["-X", "DELETE"]):
                done.append(int(subprocess.run(
                    ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Expect:", *arguments,
                     f"http://127.0.0.1:{gateway.port}/metrics/job/large"], stdout=subprocess.PIPE, check=True).stdout))

        changer = threading.Thread(target=change)
        # Only probes: what a scrape shows of a million series takes its time.
        with Beside(gateway, scrapes=False) as beside:
            pusher.start()
            changer.start()
            changer.join()
            stop.set()
            pusher.join()
        return quiet, beside, f"slowest of {len(small)} small pushes {max(small) * 1000:.0f} ms", done == [200, 200, 200, 202]


def load_clashes(binary, options):
    with Gateway(binary, "--push.disable-consistency-check") as gateway:
        gateway.ask("PUT", "/metrics/job/counter", "# TYPE x counter\nx 1\n")
        groups = 10_000
        body = b"# TYPE x gauge\nx 1\n"
        took = []
        begin = time.monotonic()
        with Beside(gateway) as beside, gateway.socket() as connection:
            answers = connection.makefile("rb")
            for i in range(2 * groups):
                # A group that changes what it has, as one does that comes and goes.
                text = body if i < groups else body + b"y%d 1\n" % (i % 2)
                one = time.monotonic()
                connection.sendall(b"PUT /metrics/job/j/i/%d HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n"
                                   % (i % groups, len(text)) + text)
                while answers.readline() != b"\r\n":
                    pass
                took.append(time.monotonic() - one)
                if time.monotonic() - begin > 4 * options.seconds:
                    break
        quiet = alone(gateway)  # of what is shown in the end
        first, last = sorted(took[:500])[250], sorted(took[-500:])[250]
        return (quiet, beside, f"{len(took)} pushes, {first * 1e6:.0f} us at first, {last * 1e6:.0f} us in the end",
                len(took) == 2 * groups and last < 3 * first + 0.001)


def load_full_pipe(binary, options):
    reading, writing = os.pipe()
    work = tempfile.mkdtemp()
    try:
        with Gateway(binary, "--log.level=debug", f"--persistence.file={work}/groups", stderr=writing) as gateway:
            quiet = alone(gateway)
            answered = 0
            with Beside(gateway) as beside:
                end = time.monotonic() + options.seconds
                while time.monotonic() < end and answered < 2000:
                    try:
                        answered += gateway.ask("PUT", "/metrics/job/a", "x 1\n", timeout=5)[0] == 200
                    except OSError:
                        break
            gateway.process.send_signal(signal.SIGTERM)
            try:
                took = timed(lambda: gateway.process.wait(10))
            except subprocess.TimeoutExpired:
                took = 10
            return quiet, beside, f"{answered} pushes with a log that nobody reads, exit after {took:.1f} s", answered > 200 and took < 5
    finally:
        os.close(reading)
        os.close(writing)
        shutil.rmtree(work)


LOADS = {"lists": load_lists, "abandoned": load_abandoned, "seats": load_seats, "descriptors": load_descriptors,
         "slow-readers": load_slow_readers, "large-push": load_large_push, "clashes": load_clashes,
         "full-pipe": load_full_pipe}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("reference", nargs="?")
    parser.add_argument("--only", default=",".join(LOADS))
    parser.add_argument("--groups", type=int, default=60_000)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    missed = []
    print(f"{'load':<14}{'':<11}{'scrape alone':>13}{'beside':>9}{'probe':>9}   and")
    for name in options.only.split(","):
        for role, binary in (("binary", options.binary), ("reference", options.reference)):
            if binary is None:
                continue
            try:
                quiet, beside, rest, fine = LOADS[name](binary, options)
            except (OSError, RuntimeError, http.client.HTTPException) as e:
                print(f"{name:<14}{role:<11}{e!r}")
                missed += [name] if role == "binary" else []
                continue
            worst = max(beside.scrapes, default=0)
            probe = max(beside.probes, default=float("inf"))
            failures = f"; {len(beside.failures)} failures, {beside.failures[0]}" if beside.failures else ""
            print(f"{name:<14}{role:<11}{quiet * 1000:>10.1f} ms{worst * 1000:>6.0f} ms{probe * 1000:>6.0f} ms   {rest}{failures}",
                  flush=True)
            kept = fine and not failures and probe <= PROBE_BAR and worst <= SCRAPE_BAR * max(quiet, SMALLEST / SCRAPE_BAR)
            if role == "binary" and not kept:
                missed.append(name)
    if missed:
        print("bars missed: " + ", ".join(missed))
        sys.exit(1)


if __name__ == "__main__":
    main()
