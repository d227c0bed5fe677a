"""client.py ADDRESS PHASE: what a job in Python does."""

import gzip
import sys
import urllib.request

import snappy
import zstandard
from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Histogram, Info, Summary
from prometheus_client import delete_from_gateway, push_to_gateway, pushadd_to_gateway
from prometheus_client.core import GaugeHistogramMetricFamily, SummaryMetricFamily, UnknownMetricFamily
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

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


class Collector:
    """The types that have no class of their own in the library."""

    def collect(self):
        queue = GaugeHistogramMetricFamily("client_queue", "Waiting.", labels=["kind"])
        queue.add_metric(["a"], [("0.5", 1), ("+Inf", 3)], 4.5)
        yield queue
        yield UnknownMetricFamily("client_unknown", "Who knows.", 7)
        quantiles = SummaryMetricFamily("client_quantiles", "Quantiles.", count_value=2, sum_value=5)
        quantiles.add_sample("client_quantiles", {"quantile": "0.5"}, 2.5)
        yield quantiles


def all_types():
    registry = metrics()
    registry.register(Collector())
    Counter("client_traced", "\"Traced\" \\ by\nthat.", unit="seconds", registry=registry).inc(2, {"trace_id": "a # b"})
    spans = Histogram("client_span", "Spans.", ["kind"], buckets=[0.5, 2.5], registry=registry).labels("\\ \" \n")
    spans.observe(0.25, {"trace_id": "c"})
    spans.observe(9, {"trace_id": "d"})
    return registry


def samples_of(text):
    """Everything that a strict reader finds, without the labels of the group; bounds as numbers."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = frozenset(
                (name, float(value) if name in ("le", "quantile") else value)
                for name, value in sample.labels.items() if name not in [*key, "job"])
            found[sample.name, labels] = (sample.value, sample.exemplar, family.type, family.unit, family.documentation)
    return found


def push_openmetrics():
    """What is pushed in OpenMetrics is scraped in it, with everything."""
    sent = generate_latest(all_types())
    url = f"http://{address}/metrics/job/client/instance/py/path@base64/L3Zhci90bXA/blank/a%20b"
    fields = {"Content-Type": CONTENT_TYPE_LATEST}
    urllib.request.urlopen(urllib.request.Request(url, sent, fields, method="PUT"), timeout=30).close()
    wanted = urllib.request.Request(f"http://{address}/metrics", headers={"Accept": CONTENT_TYPE_LATEST})
    with urllib.request.urlopen(wanted, timeout=30) as answer:
        if not answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0"):
            sys.exit(f"scraped as {answer.headers['Content-Type']}")
        shown = samples_of(answer.read().decode())
    for name, sample in samples_of(sent.decode()).items():
        if shown.get(name) != sample:
            sys.exit(f"{name} was pushed as {sample} and is shown as {shown.get(name)}")


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
elif phase == "openmetrics":
    push_openmetrics()
elif phase == "delete":
    delete_from_gateway(address, job="client", grouping_key=key)
