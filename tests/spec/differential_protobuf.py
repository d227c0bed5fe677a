"""Pushes as protobuf for differential.py, and what scrapers ask for."""

import random
import struct

TYPE = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
COUNTER, GAUGE, SUMMARY, UNTYPED, HISTOGRAM = range(5)


class Messages(bytes):
    """A body of length-delimited messages."""


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def inner(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def double(field, number):
    return varint(field << 3 | 1) + struct.pack("<d", number)


def whole(field, number):
    return varint(field << 3) + varint(number)


def label(name, value):
    return inner(1, inner(1, name.encode()) + inner(2, value.encode()))


class ProtobufMaker:
    """Random families, with names of any UTF-8."""

    NAMES = ["a", "a_b", "a.b", "a-b", "a.b_sum", "a_b_count", "a b", "1a", "\u00e4\u20ac", "a.b_total", "U__a_2e_b", "c:d", 'q"\\', "a_bytes"]
    LABELS = ["l", "l_m", "l.m", "l-m", "\u00e4", "1l", "c:d", "instance", "job", 'q"\\', "U__l_2e_m"]
    REFUSED = ["__x", "__name__", "quantile", "le"]
    VALUES = ["", "1", "2", "x y", "\u00e4", 'q"']
    NUMBERS = [0.0, 1.0, 1.0, 2.5, -1.0, 1e21, float("inf"), float("nan")]

    def __init__(self, rng):
        self.rng = rng

    def labels(self):
        names = self.rng.sample(self.LABELS, self.rng.randrange(3))
        if self.rng.random() < 0.02:
            names.append(self.rng.choice(self.REFUSED))
        return b"".join(label(name, self.rng.choice(self.VALUES)) for name in names)

    def value(self, kind):
        number = self.rng.choice(self.NUMBERS)
        if kind == SUMMARY:
            data = whole(1, self.rng.randrange(5)) + double(2, number)
            for rank in self.rng.sample([0.5, 0.9, 1.0], self.rng.randrange(3)):
                data += inner(3, double(1, rank) + double(2, self.rng.choice(self.NUMBERS)))
            return inner(4, data)
        if kind == HISTOGRAM:
            counts = sorted(self.rng.randrange(5) for _ in range(self.rng.randrange(4)))
            data = whole(1, counts[-1] if counts else 0) + double(2, number)
            for bound, count in zip([0.5, 1.0, 5.0], counts):
                data += inner(3, whole(1, count) + double(2, bound))
            return inner(7, data)
        return inner({COUNTER: 3, GAUGE: 2, UNTYPED: 5}[kind], double(1, number))

    def family(self, name):
        kind = self.rng.randrange(5)
        message = inner(1, name.encode()) + whole(3, kind)
        for _ in range(self.rng.randrange(1, 4)):
            message += inner(4, self.labels() + self.value(kind))
        if self.rng.random() < 0.2:
            message += inner(5, self.rng.choice(["bytes", "seconds", "\u00e4"]).encode())
        return varint(len(message)) + message

    def body(self):
        # Each name once: see deviations.md#protobuf.
        return Messages(b"".join(self.family(name) for name in self.rng.sample(self.NAMES, self.rng.randrange(4))))


# What Prometheus 3 (by default, with native histograms, with legacy names) and 2, vmagent and Telegraf send.
OPENMETRICS = "application/openmetrics-text"
MESSAGES = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
SCRAPERS = [
    f"{OPENMETRICS};version=1.0.0;escaping=allow-utf-8;q=0.7,{OPENMETRICS};version=0.0.1;q=0.6,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3",
    f"{MESSAGES};q=0.7,{OPENMETRICS};version=1.0.0;escaping=allow-utf-8;q=0.6,{OPENMETRICS};version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    f"{OPENMETRICS};version=1.0.0;escaping=underscores;q=0.6,{OPENMETRICS};version=0.0.1;q=0.5,"
    "text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    f"{OPENMETRICS};version=1.0.0,{OPENMETRICS};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "text/plain;version=0.0.4;q=1,*/*;q=0.1",
    f"{MESSAGES};q=0.7,text/plain;version=0.0.4;q=0.3",
    "*/*",
    "",
]


def accept_fields(seed, many=200):
    """The fields that scrapers send, then random ones. None has a weight of 0, which upstream takes for a wish."""
    rng = random.Random(f"accept/{seed}")
    ranges = [OPENMETRICS, "text/plain", "application/json", MESSAGES, MESSAGES.replace("delimited", "text"),
              MESSAGES.replace("delimited", "compact-text"), MESSAGES.replace("delimited", "json")]
    versions = ["", ";version=0.0.1", ";version=0.0.4", ";version=1.0.0", ";version=2.0.0"]
    escapings = ["", "", ";escaping=allow-utf-8", ";escaping=underscores", ";escaping=dots", ";escaping=values", ";escaping=x"]
    yield from SCRAPERS
    for _ in range(many):
        weights = rng.sample(range(1, 10), rng.randrange(1, 6))
        parts = [rng.choice(ranges) + rng.choice(versions) + rng.choice(escapings) + f";q=0.{weight}" for weight in weights]
        # The one that means anything comes last by its weight: upstream sorts it behind all others in any case.
        yield ",".join(parts) + rng.choice(["", ",*/*;q=0.01"])
