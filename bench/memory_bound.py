#!/usr/bin/env python3
"""Shows that the memory of a server is bound.

    memory_bound.py SERVER [row ...]     runs it in a control group of 128 MiB, the default of the chart, and has clients
                                         take from it what they can, row after row; prints what the process took at
                                         most; exit status 1 if it ended, did not answer, or did not show what it had
                                         accepted. What a row leaves behind is there in the next one: --shuffle SEED
                                         takes the rows in another order
    memory_bound.py --table SERVER [limit ...]
                                         fills each limit to its maximum, without a bound on the memory, and prints what
                                         the process takes then

Wants root, a memory controller (version 1 or 2) and the libraries of zstd and Snappy. Takes some minutes. Not a part of CI.
"""

import argparse
import ctypes
import gzip
import os
import pathlib
import random
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib

MEGA = 1 << 20
LIMIT = 128 * MEGA
PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"


# ---- control groups

class ControlGroup:
    """A group of its own with a bound on the memory, of whichever version has the controller."""

    def __init__(self, limit):
        unified = pathlib.Path("/sys/fs/cgroup")
        self.unified = "memory" in _text(unified / "cgroup.controllers").split()
        base = unified if self.unified else pathlib.Path("/sys/fs/cgroup/memory")
        if not (base / "cgroup.procs").exists():
            sys.exit("there is no memory controller below /sys/fs/cgroup")
        if self.unified:
            (base / "cgroup.subtree_control").write_text("+memory")
        self.path = base / f"pushgateway-{os.getpid()}"
        self.path.mkdir()
        names = ("memory.max", "memory.swap.max") if self.unified else ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")
        (self.path / names[0]).write_text(str(limit))
        try:
            (self.path / names[1]).write_text("0" if self.unified else str(limit))
        except OSError:
            pass  # no swap is accounted

    def enter(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def peak(self):
        return int(_text(self.path / ("memory.peak" if self.unified else "memory.max_usage_in_bytes")) or 0)

    def reset_peak(self):
        try:
            (self.path / ("memory.peak" if self.unified else "memory.max_usage_in_bytes")).write_text("0")
        except OSError:
            pass

    def close(self):
        for _ in range(50):
            try:
                self.path.rmdir()
                return
            except OSError:
                time.sleep(0.1)


def _text(path):
    try:
        return pathlib.Path(path).read_text()
    except OSError:
        return ""


# ---- the server and requests

class Server:
    def __init__(self, binary, *flags, group=None):
        self.group = group
        self.process = subprocess.Popen(
            [binary, "--web.listen-address=127.0.0.1:0", "--web.enable-admin-api", *flags],
            stderr=subprocess.PIPE, text=True, preexec_fn=group.enter if group else None)
        self.port = None
        for line in self.process.stderr:
            found = re.search(r'Listening on.*address="?[^" ]*:(\d+)', line)
            if found:
                self.port = int(found[1])
                break
        if self.port is None:
            sys.exit("the server does not start")
        self.log = []
        threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True).start()
        self.highest = 0
        self.fresh = self.anonymous()

    def anonymous(self):
        found = re.search(r"RssAnon:\s+(\d+) kB", _text(f"/proc/{self.process.pid}/status"))
        now = int(found[1]) * 1024 if found else 0
        self.highest = max(self.highest, now)
        return now

    def alive(self):
        return self.process.poll() is None

    def connect(self, timeout=60):
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def ask(self, method, target, body=b"", fields=(), timeout=120):
        """Status and body; None and nothing if the connection ended before."""
        head = f"{method} {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
        try:
            with self.connect(timeout) as s:
                try:
                    s.sendall(head.encode())
                    s.sendall(body)
                except OSError:
                    pass  # refused before the end: the answer may be there
                data = bytearray()
                while piece := s.recv(1 << 16):
                    data += piece
        except OSError:
            return None, b""
        self.anonymous()
        head, _, rest = bytes(data).partition(b"\r\n\r\n")
        if not head:
            return None, b""
        if b"transfer-encoding: chunked" in head.lower():
            rest = _unchunked(rest)
            if rest is None:
                return None, b""
        return int(head.split()[1]), rest

    def close(self):
        if self.alive():
            self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _unchunked(data):
    out = bytearray()
    at = 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None
        size = int(data[at:end], 16)
        if size == 0:
            return bytes(out)
        out += data[end + 2:end + 2 + size]
        at = end + size + 4


def series_in(server, coding):
    """Lines of samples in a scrape, but for those of the gateway itself; None if it is not whole."""
    fields = [("Accept-Encoding", "gzip")] if coding == "gzip" else []
    status, body = server.ask("GET", "/metrics", fields=fields)
    if status != 200:
        return None
    lines = 0
    unpack = zlib.decompressobj(31)
    rest = b""
    for at in range(0, len(body), 1 << 16):
        piece = body[at:at + (1 << 16)]
        rest += unpack.decompress(piece) if coding == "gzip" else piece
        whole, _, rest = rest.rpartition(b"\n")
        lines += sum(1 for line in whole.split(b"\n") if line.startswith(b"t_"))
    if coding == "gzip" and not unpack.eof:
        return None
    return lines


# ---- bodies

def series(count, seed=0, name="t_series"):
    return "".join(f'{name}{{number="{seed}_{i}"}} {i}\n' for i in range(count)).encode()


def varint(n):
    out = bytearray()
    while n >= 0x80:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def family(name, metrics=b"", kind=None):
    data = field(1, name.encode()) + (varint(3 << 3) + varint(kind) if kind is not None else b"") + metrics
    return varint(len(data)) + data


def native_histogram(buckets, name="t_native"):
    histogram = varint(1 << 3) + varint(buckets)
    histogram += varint(2 << 3 | 1) + struct.pack("<d", 1)
    histogram += varint(5 << 3) + varint(0) + varint(6 << 3 | 1) + struct.pack("<d", 0)
    histogram += field(12, varint(1 << 3) + varint(0) + varint(2 << 3) + varint(buckets))
    histogram += field(13, b"\x02" + b"\x00" * (buckets - 1))
    return family(name, field(4, field(7, histogram)), 4)


def zstd(data, window=0):
    library = ctypes.CDLL("libzstd.so.1")
    for name in ("ZSTD_createCCtx", "ZSTD_compressBound", "ZSTD_compress2", "ZSTD_CCtx_setParameter"):
        getattr(library, name).restype = ctypes.c_void_p if name == "ZSTD_createCCtx" else ctypes.c_size_t
    context = ctypes.c_void_p(library.ZSTD_createCCtx())
    if window:
        library.ZSTD_CCtx_setParameter(context, 101, window)
        library.ZSTD_CCtx_setParameter(context, 200, 0)  # does not say its size
    out = ctypes.create_string_buffer(library.ZSTD_compressBound(ctypes.c_size_t(len(data))))
    size = library.ZSTD_compress2(context, out, ctypes.c_size_t(len(out)), data, ctypes.c_size_t(len(data)))
    return out.raw[:size]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def snappy(piece, times):
    library = ctypes.CDLL("libsnappy.so.1")
    out = ctypes.create_string_buffer(len(piece) * 2)
    size = ctypes.c_size_t(len(out))
    library.snappy_compress(piece, ctypes.c_size_t(len(piece)), out, ctypes.byref(size))
    crc = crc32c(piece)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    data = struct.pack("<I", masked) + out.raw[:size.value]
    chunk = b"\x00" + struct.pack("<I", len(data))[:3] + data
    return b"\xff\x06\x00\x00sNaPpY" + chunk * times


# ---- rows: each gives how many series it was told are stored, or None if that is not to be compared

class Rows:
    def __init__(self, server):
        self.server = server
        self.open = []

    def push(self, target, body, coding=None, content=None, method="PUT"):
        fields = [("Content-Encoding", coding)] if coding else []
        fields += [("Content-Type", content)] if content else []
        status, answer = self.server.ask(method, target, body, fields)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status not in (200, 413, 429, 503):
            self.unexpected.append(f"{status}: {answer[:100]!r}")
        return status == 200

    def unread(self, target, gzipped=True):
        try:
            s = self.server.connect()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            coding = "Accept-Encoding: gzip\r\n" if gzipped else ""
            s.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n{coding}\r\n".encode())
            self.open.append(s)
            return s
        except OSError:
            return None

    def together(self, functions):
        threads = [threading.Thread(target=f) for f in functions]
        for t in threads:
            t.start()
        for t in threads:
            t.join()

    def unread_scrapes_of_old_versions(self):
        stored = 0
        for i in range(60):
            if self.push("/metrics/job/j", series(200_000, i)):
                stored = 200_000
            self.unread("/metrics", gzipped=i % 2 == 0)
            time.sleep(0.05)
        return stored

    def more_series_than_there_is_room_for(self):
        stored = 0
        for i in range(70):
            if self.push(f"/metrics/job/j/group/{i}", series(20_000, i)):
                stored += 20_000
        return stored

    def many_unread_scrapes(self):
        stored = self.more_series_than_there_is_room_for()
        for i in range(200):
            self.unread("/metrics", gzipped=i % 2 == 0)
        time.sleep(2)
        return stored

    def a_scrape_beside_unread_ones(self):
        stored = self.more_series_than_there_is_room_for()
        for i in range(500):
            self.unread("/metrics", gzipped=i % 2 == 0)
        begin = time.monotonic()
        shown = series_in(self.server, "gzip")
        took = time.monotonic() - begin
        print(f"    the scrape took {took:.1f} s", flush=True)
        if shown != stored or took > 10:
            self.unexpected.append(f"a scrape behind 500 unread ones: {shown} of {stored} series in {took:.1f} s")
        return stored

    def a_scrape_beside_unread_ones_that_come_again(self):
        stored = self.more_series_than_there_is_room_for()
        stop = threading.Event()

        def come_again():
            open_now = [None] * 100
            while not stop.is_set():
                for i, s in enumerate(open_now):
                    try:
                        if s is not None:
                            s.recv(1 << 20, socket.MSG_DONTWAIT | socket.MSG_PEEK)
                            continue
                    except BlockingIOError:
                        continue
                    except OSError:
                        s.close()
                    open_now[i] = self.unread("/metrics", gzipped=i % 2 == 0)
                stop.wait(0.1)

        threads = [threading.Thread(target=come_again) for _ in range(3)]
        for t in threads:
            t.start()
        time.sleep(2)
        begin = time.monotonic()
        shown = series_in(self.server, "gzip")
        took = time.monotonic() - begin
        stop.set()
        for t in threads:
            t.join()
        print(f"    the scrape took {took:.1f} s", flush=True)
        if shown != stored or took > 10:
            self.unexpected.append(f"a scrape beside 300 that come again: {shown} of {stored} series in {took:.1f} s")
        return stored

    def four_bodies_of_newlines(self):
        body = gzip.compress(b"\n" * (512 * MEGA - 1), 9)
        self.together([lambda: self.push("/metrics/job/j", body, "gzip")] * 4)
        return 0

    def bombs(self):
        plain = {"newlines": b"\n", "lines": b"a 1\n", "samples": b't_x{l="v"} 1\n', "types": b"# TYPE a gauge\n"}
        bodies = []
        for text in plain.values():
            large = text * (100 * MEGA // len(text))
            bodies.append(("gzip", gzip.compress(large, 6)))
            bodies.append(("zstd", zstd(large)))
            bodies.append(("zstd", zstd(large, 23)))
            bodies.append(("snappy", snappy((text * 65536)[:65536 // len(text) * len(text)], 1600)))
        window_too_large = zstd(b"\n" * (100 * MEGA), 27)
        for coding, body in bodies:
            self.push("/metrics/job/j", body, coding)
        self.together([lambda c=c, b=b: self.push("/metrics/job/j", b, c) for c, b in bodies])
        self.together([lambda: self.server.ask("PUT", "/metrics/job/j", window_too_large,
                                               [("Content-Encoding", "zstd")])] * 8)
        return 0

    def long_help(self):
        stored = 0
        for size in (64, 2):
            for i in range(50):
                body = f"# HELP t_help_{size}_{i} ".encode() + b"h" * (size * MEGA) + f"\nt_help_{size}_{i} 1\n".encode()
                stored += self.push(f"/metrics/job/j/group/{size}_{i}", body)
        return stored

    def long_label_values(self):
        stored = 0
        for size, times in ((100 * MEGA, 100), (2 * MEGA, 50), (100_000, 1000)):
            body = b't_value{l="' + b"v" * size + b'"} 1\n'
            for i in range(times):
                stored += self.push(f"/metrics/job/j/group/{size}_{i}", body)
        for i in range(20):
            self.unread("/metrics", gzipped=i % 2 == 0)
        return stored

    def long_grouping_keys(self):
        for i in range(3000):
            self.push(f"/metrics/job/j/group/{i}_" + "g" * 60_000, b"t_x 1\n")
        return None

    def families_without_metrics(self):
        for i in range(12):
            body = b"".join(family(f"t_family_{i}_{k}", kind=1) for k in range(90_000))
            self.push(f"/metrics/job/j/group/{i}", body, content=PROTOBUF)
        return 0

    def unread_lists_of_a_native_histogram(self):
        self.push("/metrics/job/j", native_histogram(1_000_000), content=PROTOBUF)
        for _ in range(20):
            self.unread("/api/v1/metrics")
            self.unread("/api/v1/groups/job/j")
        time.sleep(3)
        return None

    def many_native_histograms(self):
        for i in range(100):
            self.push(f"/metrics/job/j/group/{i}", native_histogram(1_000_000), content=PROTOBUF)
        for _ in range(10):
            self.unread("/metrics")
        return None

    def unfinished_heads(self):
        head = b"GET /metrics HTTP/1.1\r\nHost: a\r\n" + b"".join(b"A%d: " % i + b"a" * 60_000 + b"\r\n" for i in range(4))
        for _ in range(4000):
            try:
                s = self.server.connect()
                s.settimeout(5)
                s.sendall(head)
                self.open.append(s)
            except OSError:
                pass
            self.server.anonymous()
        return 0

    def unfinished_bodies(self):
        head = b"PUT /metrics/job/j HTTP/1.1\r\nHost: a\r\nContent-Length: 200000000\r\n\r\n"
        for _ in range(200):
            try:
                s = self.server.connect()
                s.settimeout(2)
                s.sendall(head + b"\n" * (2 * MEGA))
                self.open.append(s)
            except OSError:
                pass
            self.server.anonymous()
        return 0

    def a_million_series_and_a_wipe(self):
        for i in range(50):
            self.push(f"/metrics/job/j/group/{i}", series(20_000, i))
        self.server.ask("GET", "/metrics")
        return None

    def run(self, name):
        self.statuses = {}
        self.unexpected = []
        server = self.server
        server.highest = 0
        if server.group:
            server.group.reset_peak()
        begun = time.monotonic()
        stored = getattr(self, name)()
        server.anonymous()
        problems = list(self.unexpected[:3])
        if not server.alive():
            problems.append(f"the server ended: {server.process.returncode}")
        else:
            begin = time.monotonic()
            if server.ask("GET", "/-/healthy", timeout=30)[0] != 200:
                problems.append("no answer to a probe")
            probe = time.monotonic() - begin
            if probe > 5:
                problems.append(f"a probe took {probe:.1f} s")
            for coding in ("gzip", "identity"):
                shown = series_in(server, coding)
                if shown is None:
                    problems.append(f"no whole scrape ({coding})")
                elif stored is not None and shown != stored:
                    problems.append(f"{stored} series were accepted, {shown} are shown ({coding})")
        peak = server.group.peak() if server.group else 0
        highest = server.highest
        for s in self.open:
            s.close()
        self.open = []
        after = 0
        if server.alive():
            if server.ask("PUT", "/api/v1/admin/wipe")[0] != 202:
                problems.append("no answer to a wipe")
            for _ in range(100):
                after = server.anonymous()
                if after <= server.fresh + 25 * MEGA:
                    break
                time.sleep(0.1)
            else:
                problems.append("10 s after a wipe more than 25 MiB are left")
        statuses = " ".join(f"{status}:{count}" for status, count in sorted(self.statuses.items(), key=str))
        print(f"{name:38} {time.monotonic() - begun:6.1f} s   group {peak / MEGA:6.1f} MiB   process {highest / MEGA:6.1f} MiB   "
              f"wiped {after / MEGA:5.1f} MiB   {statuses}", flush=True)
        for problem in problems:
            print(f"    {problem}", flush=True)
        return not problems


ROWS = [name for name, value in vars(Rows).items()
        if callable(value) and not name.startswith("_") and name not in ("push", "unread", "together", "run")]


def bound(binary, rows, flags):
    well = True
    group = ControlGroup(LIMIT)
    server = None
    try:
        for name in rows:
            if server is None or not server.alive():
                server = Server(binary, *flags, group=group)
            well = Rows(server).run(name) and well
    finally:
        if server:
            server.close()
        group.close()
    return well


# ---- what the process takes at each limit's maximum

def table(binary, wanted):
    def measured(fill, *flags):
        server = Server(binary, "--limit.memory=0", *flags)
        stop = threading.Event()

        def watch():
            while not stop.wait(0.01):
                server.anonymous()

        watcher = threading.Thread(target=watch)
        watcher.start()
        kept = fill(server, Rows(server))
        time.sleep(1)
        settled = server.anonymous()
        stop.set()
        watcher.join()
        del kept
        server.close()
        return settled / MEGA, server.highest / MEGA

    def connections(server, rows):
        return [server.connect() for _ in range(5000)]

    def heads(server, rows):
        rows.statuses, rows.unexpected = {}, []
        head = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(b"A%d: " % i + b"a" * 60_000 + b"\r\n" for i in range(4))
        out = []
        for _ in range(400):
            s = server.connect()
            try:
                s.sendall(head)
            except OSError:
                pass
            out.append(s)
        return out

    def bodies(server, rows):
        out = []
        for _ in range(6):
            s = server.connect()
            s.settimeout(5)
            try:
                s.sendall(b"PUT /metrics/job/j HTTP/1.1\r\nHost: a\r\nContent-Length: 268000000\r\n\r\n")
                for _ in range(250):
                    s.sendall(b"\n" * MEGA)
            except OSError:
                pass
            out.append(s)
        return out

    def pushed(*bodies):
        def fill(server, rows):
            rows.statuses, rows.unexpected = {}, []
            for target, body, coding, content in bodies:
                rows.push(target, body, coding, content)
            print("   ", rows.statuses, rows.unexpected[:1], flush=True)
        return fill

    def groups(server, rows):
        rows.statuses, rows.unexpected = {}, []

        def some(first):
            with server.connect() as s:
                for i in range(first, first + 250_000, 100):
                    s.sendall(b"".join(b"POST /metrics/job/j/i/%d HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nx 1\n" % k
                                       for k in range(i, i + 100)))
                    answered = 0
                    while answered < 100:
                        answered += s.recv(1 << 16).count(b"HTTP/1.1 ")
        rows.together([lambda f=f: some(f) for f in range(0, 1_000_000, 250_000)])

    def all_series(server, rows):
        rows.statuses, rows.unexpected = {}, []
        for i in range(100):
            rows.push(f"/metrics/job/j/group/{i}", series(99_990, i))
        server.ask("GET", "/metrics")
        print("   ", rows.statuses, flush=True)

    newlines = gzip.compress(b"\n" * (512 * MEGA - 1), 9)
    cases = [
        ("connections", "5000 idle ones", connections, ()),
        ("heads-in-flight", "64 MiB of unfinished heads", heads, ()),
        ("bodies-in-flight", "1 GiB of unfinished bodies", bodies, ()),
        ("body", "256 MiB of newlines", pushed(("/metrics/job/j", b"\n" * (256 * MEGA), None, None)), ()),
        ("decoded-body", "512 MiB of newlines in gzip", pushed(("/metrics/job/j", newlines, "gzip", None)),
         ("--limit.decoded-ratio=0",)),
        ("families-per-push", "100,000 families without a series",
         pushed(("/metrics/job/j", b"".join(family(f"t_{k}", kind=1) for k in range(100_000)), None, PROTOBUF)), ()),
        ("series-per-push", "5,000,000 series", pushed(("/metrics/job/j", series(5_000_000), None, None)), ()),
        ("groups", "1,000,000 groups of a series", groups, ()),
        ("series", "10,000,000 series, scraped", all_series, ()),
    ]
    for limit, what, fill, flags in cases:
        if wanted and limit not in wanted:
            continue
        settled, highest = measured(fill, *flags)
        print(f"| `{limit}` | {what} | {settled:.0f} MiB | {highest:.0f} MiB |", flush=True)
    return True


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--table", action="store_true")
    arguments.add_argument("--flag", action="append", default=[], help="for the server, may be repeated")
    arguments.add_argument("--shuffle", type=int, metavar="SEED", help="takes the rows in an order of its own")
    arguments.add_argument("server")
    arguments.add_argument("rows", nargs="*", metavar="row", help=", ".join(ROWS))
    told = arguments.parse_args()
    if told.table and told.shuffle is not None:
        arguments.error("--shuffle is for the rows, not for --table")
    rows = told.rows or list(ROWS)
    if told.shuffle is not None:
        random.Random(told.shuffle).shuffle(rows)
    well = table(told.server, told.rows) if told.table else bound(told.server, rows, told.flag)
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
