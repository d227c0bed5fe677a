"""client.py ADDRESS PHASE: what a job in Python does."""

import gzip
import sys
import urllib.request

import snappy
import zstandard
from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Histogram, Info, Summary
from prometheus_client import delete_from_gateway, push_to_gateway, pushadd_to_gateway

address, phase = sys.argv[1:]
key = {"instance": "py", "path": "/var/tmp", "blank": "a b"}


def push_in(coding, fold):
    """Pushes in a coding, then scrapes in zstd."""

    def handler(url, method, timeout, headers, data):
        request = urllib.request.Request(url, fold(data), dict(headers) | {"Content-Encoding": coding}, method=method)
        return lambda: urllib.request.urlopen(request, timeout=timeout).close()

    registry = CollectorRegistry()
    Gauge("client_temperature", "How warm.", ["coding"], registry=registry).labels(coding).set(21.5)
    push_to_gateway(address, job="client", registry=registry, grouping_key=key, handler=handler)
    wanted = urllib.request.Request(f"http://{address}/metrics", headers={"Accept-Encoding": "zstd"})
    with urllib.request.urlopen(wanted, timeout=30) as answer:
        text = zstandard.ZstdDecompressor().decompressobj().decompress(answer.read()).decode()
    if f'coding="{coding}"' not in text:
        sys.exit(f"scraped in zstd, {coding} is not there:\n{text}")


def metrics():
    registry = CollectorRegistry()
    Counter("client_jobs", "Jobs done.", ["kind"], registry=registry).labels("a").inc(4)
    Gauge("client_temperature", "How warm.", registry=registry).set(21.5)
    sizes = Histogram("client_size", "Sizes.", buckets=[0.5, 1], registry=registry)
    times = Summary("client_time", "Times.", registry=registry)
    for value in (0.25, 0.75, 2):
        sizes.observe(value)
    for value in (1, 3):
        times.observe(value)
    Info("client", "What runs.", registry=registry).info({"version": "1"})
    Enum("client_state", "What it does.", states=["idle", "busy"], registry=registry).state("busy")
    return registry


def in_gzip(url, method, timeout, headers, data):
    def send():
        fields = dict(headers) | {"Content-Encoding": "gzip"}
        request = urllib.request.Request(url, gzip.compress(data), fields, method=method)
        urllib.request.urlopen(request, timeout=timeout).close()

    return send


if phase == "push":
    push_to_gateway(address, job="client", registry=metrics(), grouping_key=key)
elif phase == "pushadd":
    registry = CollectorRegistry()
    Gauge("client_temperature", "How warm.", registry=registry).set(5)
    pushadd_to_gateway(address, job="client", registry=registry, grouping_key=key)
elif phase == "snappy":
    push_in("snappy", snappy.StreamCompressor().compress)
elif phase == "zstd":
    push_in("zstd", zstandard.ZstdCompressor().compress)
elif phase == "gzip":
    push_to_gateway(address, job="client", registry=metrics(), grouping_key=key, handler=in_gzip)
elif phase == "delete":
    delete_from_gateway(address, job="client", grouping_key=key)
