"""Sends the same random requests to two gateways and compares what they answer and show.

usage: differential.py URL_OURS URL_THEIRS [--seed N] [--rounds N] [--requests N] [--utf8-names]

Each round begins with both gateways empty. After every request the statuses and the first words of an error are
compared, now and then and at the end of the round the scrapes and the JSON. A difference is reduced to the shortest
sequence of requests that still shows it. With --utf8-names, both gateways were started with --push.enable-utf8-names, and
what each makes of such names under the schemes of escaping is held against what it should; so is what protobuf brings,
which may have such names in any case. First the formats that both answer with are compared. Both gateways must be empty at the start and used by nobody else.
"""

import argparse
import base64
import http.client
import json
import random
import re
import sys
import time
import urllib.parse

from differential_codings import coded, is_damaged
from differential_names import names_maker, path_name, real, split_header, split_sample, wrong_escapes
from differential_protobuf import TYPE, Messages, ProtobufMaker, accept_fields

OWN = ("go_", "process_", "promhttp_", "pushgateway_")
TIMES = ("push_time_seconds", "push_failure_time_seconds")
# Both sides say the same from the beginning of an error up to the place that this finds.
SAME_ERROR = re.compile(
    r"text format parsing error in line \d+:|pushed metrics are invalid or inconsistent with existing metrics:|"
    r"invalid base64 encoding in job name|invalid base64 encoding for label [^:]*|"
    r'odd number of components in label string "(?:[^"\\]|\\.)*"|improper label name "(?:[^"\\]|\\.)*"|job name is required'
)


# What our error says of two keys that differ in labels without a value.
SAME_GROUP = "to Prometheus the group is the same as group"


class Answer(tuple):
    """What both must answer alike; `text` is all of the body, `version` that of the program."""

    text = ""
    version = ""


class Gateway:
    """One of the two, over a connection that is kept."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port or 80
        self.connection = None
        self.old = False
        self.version = ""
        self.escapes = None  # what to hold it against under the schemes of escaping: "ours", "upstream" or nothing

    def send(self, method, path, body=None, headers=None):
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.host, self.port, timeout=20)
            try:
                self.connection.request(method, path, body=body, headers=headers or {})
                response = self.connection.getresponse()
                data = response.read()
                if response.will_close:
                    self.close()
                return response, data
            except (http.client.HTTPException, ConnectionError):
                self.close()
                if attempt == 2:
                    raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def groups(self):
        return json.loads(self.send("GET", "/api/v1/metrics")[1].decode("utf-8", "replace"))["data"]

    def empty(self):
        """Deletes every group and waits until it is gone."""
        for _ in range(400):
            groups = self.groups()
            if not groups:
                return
            for group in groups:
                self.send("DELETE", group_path(group["labels"]))
            time.sleep(0.001)
        raise RuntimeError(f"{self.host}:{self.port} keeps groups that were deleted")

    def kind(self):
        response, data = self.send("GET", "/metrics")
        if b"\ngo_goroutines " not in data:
            return "ours"
        return "upstream" if "escaping=" in response.getheader("Content-Type", "") else "upstream-1.5"


def encoded(value):
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=") or "="


def group_path(labels):
    tail = "".join(f"/{path_name(name)}@base64/{encoded(value)}" for name, value in sorted(labels.items()) if name != "job")
    return f"/metrics/job@base64/{encoded(labels['job'])}{tail}"


# What a gateway shows, less what may differ.


def read_scrape(text):
    """Families in order with type, help and metrics; the lines of each metric in their order."""
    families = {}
    order = []
    name = None
    for line in text.split("\n")[:-1]:
        if line.startswith(("# HELP ", "# TYPE ")):
            word, name, rest = split_header(line)
            if name not in families:
                families[name] = {"HELP": None, "TYPE": None, "metrics": {}}
                order.append(name)
            families[name][word] = rest
            continue
        line_name, labels, value = split_sample(line)
        if name in TIMES:
            value = "0" if value == "0" else "some time"
        # The metric that a line belongs to: its labels without the last, if that is a quantile or the limit of a bucket.
        kind = families[name]["TYPE"]
        point = (kind == "summary" and line_name == name) or (kind == "histogram" and line_name == name + "_bucket")
        metric = repr(labels[:-1] if point else labels)
        families[name]["metrics"].setdefault(metric, []).append((line_name, labels, value))
    kept = [n for n in order if not n.startswith(OWN)]
    return kept, {n: families[n] for n in kept}


def read_json(text):
    """Groups by their labels, without times."""
    shown = {}
    for group in json.loads(text)["data"]:
        key = tuple(sorted(group["labels"].items()))
        families = {}
        for name, family in group.items():
            if name in ("labels", "last_push_successful"):
                continue
            metrics = []
            for metric in family["metrics"]:
                if name in TIMES:
                    metric["value"] = "0" if metric["value"] == "0" else "some time"
                metrics.append(json.dumps(metric, sort_keys=True))
            families[name] = (family["type"], family.get("help"), sorted(metrics))
        shown[key] = (group["last_push_successful"], families)
    return shown


def snapshot(gateway):
    accept = {"Accept": "text/plain;version=0.0.4;escaping=allow-utf-8"} if gateway.escapes else {}
    response, scrape = gateway.send("GET", "/metrics", None, accept)
    if response.status != 200:
        return {"scrape": response.status, "text": scrape.decode("utf-8", "replace")}
    order, families = read_scrape(scrape.decode("utf-8", "replace"))
    _, api = gateway.send("GET", "/api/v1/metrics")
    shot = {"order": order, "scrape": families, "json": read_json(api.decode("utf-8", "replace"))}
    if gateway.escapes:
        shot["wrong escapes"] = wrong_escapes(gateway, gateway.escapes == "ours", OWN)
    return shot


# Differences that are documented. Each entry names its section of spec/deviations.md.


def decoded(location):
    """Without percent encoding, however often it was done."""
    while location and urllib.parse.unquote(location) != location:
        location = urllib.parse.unquote(location)
    return location


def redirect(request, ours, theirs):
    """The Go library behind upstream has answered 301 or 307, and has encoded once or twice."""
    if ours[0] == 400 and theirs[0] in (301, 307):
        path = urllib.parse.unquote(request[1].partition("?")[0])
        return re.search(r"/job(@base64)?(//|/.*//|/(.*/)?\.\.?(/|$))", path) is not None
    return {ours[0], theirs[0]} <= {301, 307} and decoded(ours[2]) == decoded(theirs[2])


def empty_component(request, ours, theirs):
    """Upstream takes an empty component that was encoded for an empty value."""
    path = urllib.parse.unquote(request[1].partition("?")[0])
    return ours[0] == 400 and re.search(r"/job(@base64)?/[^/]+/.*//|/job(@base64)?/[^/]+//", path) is not None


def closed(request, ours, theirs):
    """Upstream 1.11.0 breaks down when it logs what it refuses, and closes the connection."""
    return theirs.version == "1.11.0" and (ours[0], theirs[0]) == (400, 0)


def empty_label(request, ours, theirs):
    """Upstream takes two series that differ in a label without a value alone, also those of two groups."""
    if ours[0] != 400 or theirs[0] not in (200, 400) and not closed(request, ours, theirs):
        return False
    return SAME_GROUP in ours.text or (ours.text.rstrip().endswith(" is pushed twice")
                                       and re.search(rb'=[ \t]*""|\x12\x00', request[2] or b""))


def point_twice(request, ours, theirs):
    """Upstream takes two buckets or quantiles of one bound."""
    return theirs[0] == 200 and " of the same bound" in ours.text


def slash_below_api(request, ours, theirs):
    """Upstream forgets the prefix that it has taken off."""
    return ours[0] == theirs[0] == 301 and ours[2] == "/api/v1" + theirs[2]


def braces_without_name(request, ours, theirs):
    """Upstream takes the metric of an earlier line, or breaks down and closes the connection."""
    return ours[1].startswith("text format") and theirs[0] in (0, 400) and re.search(rb"(?m)^[ \t]*\{", request[2] or b"")


def braces_in_parts(request, ours, theirs):
    """Upstream breaks down at a line of a summary or histogram in braces, or finds the wrong metric."""
    return theirs[0] == 0 and re.search(rb"(?mi)^[ \t]*#[ \t]*TYPE.*(summary|histogram)", request[2] or b"") \
        and re.search(rb"(?m)^[ \t]*\{", request[2] or b"")


def damaged_coding(request, ours, theirs):
    """Upstream reads text until it comes to the damage, and may find something wrong with the text first."""
    return request[2] is not None and is_damaged(request[2]) and ours[0] == theirs[0] == 400 and not ours[1]


# The function that knows the difference, and whether what is stored differs from then on.
KNOWN_ANSWERS = {
    "redirects-keep-the-body-and-the-group": (redirect, False),
    "empty-components-behind-the-job": (empty_component, True),
    "a-label-without-a-value-is-none": (empty_label, True),
    "a-bound-twice": (point_twice, True),
    "a-slash-too-many-below-apiv1": (slash_below_api, False),
    "the-texts-of-errors": (damaged_coding, False),
    "braces-without-a-name": (braces_without_name, True),
    "braces-in-summaries-and-histograms": (braces_in_parts, True),
    "upstream-1110": (closed, False),
}


def one_of_several_helps(name, helps):
    return len(helps.get(name, ())) > 1


def without_known(shot, helps):
    """Takes out of a snapshot what is documented to differ, by the name of its section."""
    shot = json.loads(json.dumps({**shot, "json": {repr(k): v for k, v in shot.get("json", {}).items()}}))
    for name, family in shot["scrape"].items() if isinstance(shot["scrape"], dict) else ():
        if one_of_several_helps(name, helps):  # which-help-text-is-shown
            family["HELP"] = None
    for _, families in shot["json"].values():
        for name, family in families.items():
            if family[0] == "HISTOGRAM" and "NaN" in repr(shot["scrape"].get(name)):  # counts-that-are-nan
                family[2] = None
    return shot


# Random requests.


class Maker:
    NAMES = ["a", "a", "b", "a_sum", "a_count", "a_bucket", "b_total", "b_created", "n:s"]
    LABELS = ["l", "l", "m", "instance", "job", "le", "quantile", "Z", "_u"]
    VALUES = ["", "1", "1", "2", "0.5", "x y", "ä€😀", 'q\\"u', "b\\\\s", "n\\nl"]
    NUMBERS = ["0", "1", "1", "2.5", "-1", "+3", "1e3", "1E-3", "NaN", "nan", "+Inf", "-inf", "Infinity", "1e400", "1e-400",
               "0x10", "1_0", ".5", "5.", "-0", "123456789", "1e21", "0.30000000000000004", "", "x", "1e", "18446744073709551616"]
    TYPES = ["counter", "gauge", "untyped", "summary", "histogram", "Gauge", "info", ""]
    GARBAGE = ['"', "\\", "{", "}", ",", "=", "#", " ", "\t", "\n", "\r", "x", "0", "_", ":", "\u00e4", "\x00", "1", "+Inf"]

    def __init__(self, rng, old):
        self.rng = rng
        self.old = old  # against 1.5: only what both understand in the same way

    def chance(self, p):
        return self.rng.random() < p

    def number(self):
        # Mostly sound: a round must get somewhere.
        return self.rng.choice(self.NUMBERS if self.chance(0.1) else self.NUMBERS[:16] if self.chance(0.4) else self.NUMBERS[:5])

    def count(self):
        numbers = ["0", "1", "2", "7", "1e6", "3"]
        return self.rng.choice(numbers if self.old or self.chance(0.7) else numbers + ["1.5", "-1", "NaN", "1e19", "+Inf"])

    def labels(self, extra=()):
        pairs = [f'{self.rng.choice(self.LABELS)}="{self.rng.choice(self.VALUES)}"' for _ in range(self.rng.randrange(3))]
        if self.old or not self.chance(0.05):
            seen = set(e.split("=")[0] for e in extra)
            pairs = [p for p in pairs if not (p.split("=")[0] in seen or seen.add(p.split("=")[0]))]
        pairs += extra
        self.rng.shuffle(pairs)
        if not pairs and self.chance(0.7):
            return ""
        return "{" + ",".join(pairs) + ("," if pairs and self.chance(0.1) else "") + "}"

    def sample(self, name, kind):
        kind = kind.lower()
        if kind == "summary":
            which = self.rng.choice(["q", "q", "_sum", "_count", ""])
            if which == "q":
                return name + self.labels(['quantile="' + self.rng.choice(["0.5", "0.9", "0.90", ".5", "NaN"]) + '"']) + " " + self.number()
            return f"{name}{which}{self.labels()} {self.count() if which == '_count' else self.number()}"
        if kind in ("histogram", "gaugehistogram", "gauge_histogram"):
            which = self.rng.choice(["_bucket", "_bucket", "_sum", "_count"])
            if which == "_bucket":
                return name + which + self.labels(['le="' + self.rng.choice(["1", "1.0", "5", "+Inf", "1e6"]) + '"']) + " " + self.count()
            return f"{name}{which}{self.labels()} {self.count() if which == '_count' else self.number()}"
        if not self.old and self.chance(0.1):
            labels = self.labels()
            inner = labels[1:-1] if labels else ""
            return '{"' + name + '"' + ("," + inner if inner else "") + "} " + self.number()
        counted = self.old and (name.endswith(("_count", "_bucket")) or self.histograms)
        return f"{name}{self.labels()} {self.count() if counted else self.number()}"

    def body(self):
        lines = []
        self.histograms = False  # 1.5 reads strange counts in its own way
        for _ in range(self.rng.randrange(4)):
            name = self.rng.choice(self.NAMES) if self.chance(0.97) else "push_time_seconds"
            kind = ""
            if not self.old and self.chance(0.03):
                # Of a name of its own: see gauge-histograms-are-checked-like-other-types.
                name, kind = "g_h", self.rng.choice(["gaugehistogram", "gauge_histogram"])
                lines.insert(0, f"# TYPE {name} {kind}")
            elif self.chance(0.7):
                kind = self.rng.choice(self.TYPES[:5] if self.old or self.chance(0.8) else self.TYPES)
                lines.append(f"# TYPE {name} {kind}")
                self.histograms = self.histograms or kind == "histogram"
            if self.chance(0.3):
                lines.append(f"# HELP {name} {self.rng.choice(['Some help.', 'Some help.', 'Other', '', 'a' + chr(92) * 2 + 'b'])}")
            for _ in range(self.rng.randrange(4)):
                lines.append(self.sample(name, kind))
        gauges = any("g_h" in line for line in lines)
        if self.chance(0.2) and not gauges:
            self.rng.shuffle(lines)
        text = "".join(line + "\n" for line in lines)
        if self.chance(0.03):
            text += self.rng.choice(["\n", "# end\n", "#\n", " \n"])
        if not self.old and not gauges and self.chance(0.25):
            for _ in range(self.rng.randrange(1, 3)):
                at = self.rng.randrange(len(text) + 1)
                text = text[:at] + self.rng.choice(self.GARBAGE + [""]) + text[at + self.rng.randrange(2) :]
        return text.encode()

    def component(self):
        return self.rng.choice(["1", "1", "2", "x%20y", "%C3%A4", "a+b", "%3F", "%25", "", "a%2Fb", ".", ".."] + ([] if self.old else ["%2e%2e"])
                               if self.chance(0.15) else ["1", "1", "2"])

    def path(self):
        if self.chance(0.8 if not self.old else 0.9):
            path = "/metrics/job/" + self.rng.choice(["j", "j", "k"])
        else:
            path = self.rng.choice(["/metrics/job@base64/ag", "/metrics/job@base64/ag==", "/metrics/job/" + self.component()])
            if not self.old and self.chance(0.3):
                path = "/metrics/job@base64/" + self.rng.choice(["=", "", "*", "a", "w6Q", "YWI", "YWJj", "YQ=Q"])
        for _ in range(self.rng.choice([0, 0, 0, 1, 1, 2])):
            name = self.rng.choice(["l", "l", "m", "instance", "job"])
            if name == "instance":  # Not with an empty value: see a-group-with-an-empty-instance.
                path += "/instance/" + self.rng.choice(["1", "2", "x%20y"])
                continue
            if self.chance(0.1):
                name = self.rng.choice(["lex", "quantile", "__x", "1x", "a-b", "%C3%A4", "", "Z", "@base64", "l@base64@base64"])
            if self.chance(0.1) and "@" not in name:
                path += f"/{name}@base64/" + self.rng.choice(["MQ", "MQ==", "=", "Mg", "*", "a", "MQ=x"])
            else:
                path += f"/{name}/{self.component()}"
        if self.chance(0.04):
            path += self.rng.choice(["/", "/x", "//", "?a=b", "/./x"])
        return path

    def request(self):
        if self.chance(0.04):
            return (self.rng.choice(["GET", "PATCH", "OPTIONS", "POST", "DELETE", "PUT"]),
                    self.rng.choice(["/metrics/job/j", "/metrics/job", "/metrics/job/", "/nowhere", "/api/v1/x",
                                     "/metrics/", "/api/v1", "/api/v1/", "/-/healthy", "/api", "//", "/metrics/job@base64",
                                     "/metrics/jobs/x", "/api/v1/metrics/", "/status/", "/-/ready", "/a/../metrics"]), None)
        path = self.path()
        if self.chance(0.15):
            return ("DELETE", path, None)
        if not self.old and self.chance(0.15):
            return (self.rng.choice(["PUT", "POST"]), path, ProtobufMaker(self.rng).body())
        return (self.rng.choice(["PUT", "POST"]), path, self.body())


# Rounds.


def answer(gateway, request):
    method, path, body = request
    try:
        fields, sent = ({}, None) if body is None else coded(body, gateway.old)
        if isinstance(body, Messages):
            fields = fields | {"Content-Type": TYPE}
        response, data = gateway.send(method, path, sent, fields)
    except (http.client.HTTPException, ConnectionError):
        out = Answer((0, "the connection was closed", None, ()))
        out.version = gateway.version
        return out
    text = data.decode("utf-8", "replace")
    found = SAME_ERROR.match(text) if response.status == 400 else None
    allow = tuple(sorted(w.strip() for w in (response.getheader("Allow") or "").split(",")))
    out = Answer((response.status, found.group(0).strip() if found else "", response.getheader("Location"), allow))
    out.text = text
    return out


def helps_of(requests, names):
    """The help texts that each family was pushed with, None for none."""
    helps = {}
    for _, _, body in requests:
        text = (body or b"").decode("utf-8", "replace")
        here = {}
        for line in text.split("\n"):
            found = re.match(r'[ \t]*#[ \t]*HELP[ \t]+("(?:[^"\\]|\\["\\])*"|[a-zA-Z0-9_:]+)[ \t]*(.*)', line)
            if found:
                here[real(found.group(1))] = found.group(2)
        for name in {real(n) for n in names} | set(here):
            if any(spelled in text for spelled in (name, name.replace("\\", "\\\\").replace('"', '\\"'))):
                helps.setdefault(name, set()).add(here.get(name))
    return helps


def compare_shown(ours, theirs, requests):
    helps = helps_of(requests, Maker.NAMES + (names_maker(Maker).NAMES + ProtobufMaker.NAMES if ours.escapes else []))
    # The Go Pushgateway answers a DELETE before it is done: its state is asked for until it is the same, or a second is over.
    deadline = time.monotonic() + 1
    while True:
        mine, other = without_known(snapshot(ours), helps), without_known(snapshot(theirs), helps)
        if mine == other:
            return None
        if time.monotonic() > deadline:
            return explain(mine, other)
        time.sleep(0.005)


def explain(mine, other):
    lines = []
    for part in sorted(set(mine) | set(other)):
        a, b = mine.get(part), other.get(part)
        if a == b:
            continue
        if isinstance(a, dict) and isinstance(b, dict):
            for key in sorted(set(a) | set(b)):
                if a.get(key) != b.get(key):
                    lines.append(f"{part} {key}\n  ours   {a.get(key)}\n  theirs {b.get(key)}")
        else:
            lines.append(f"{part}\n  ours   {a}\n  theirs {b}")
    return "\n".join(lines)


def compare_negotiation(ours, theirs, seed):
    """How many Accept fields the two answer with different types of content."""
    found = 0
    for accept in accept_fields(seed):
        types = [g.send("GET", "/metrics?name[]=none", None, {"Accept": accept})[0].getheader("Content-Type") for g in (ours, theirs)]
        if types[0] != types[1]:
            found += 1
            print(f"\nDIFFERENCE in negotiation: {accept}\n  ours   {types[0]}\n  theirs {types[1]}")
    return found


def run(ours, theirs, requests, looks, known, statuses=None):
    """The first difference, or None. `looks` holds the indices of requests after which everything is compared."""
    ours.empty()
    theirs.empty()
    for i, request in enumerate(requests):
        mine, other = answer(ours, request), answer(theirs, request)
        if statuses is not None:
            statuses[other[0]] = statuses.get(other[0], 0) + 1
        # Such a refusal makes no group that would show the time of the failure.
        if mine != other or SAME_GROUP in mine.text:
            entry = next((name for name, (same, _) in KNOWN_ANSWERS.items() if same(request, mine, other)), None)
            if entry is None:
                return f"{request[0]} {request[1]}\n  ours   {mine}\n  theirs {other}"
            known[entry] = known.get(entry, 0) + 1
            if KNOWN_ANSWERS[entry][1]:
                return None
        if i in looks or i == len(requests) - 1:
            difference = compare_shown(ours, theirs, requests[: i + 1])
            if difference:
                return difference
    return None


def shrink(ours, theirs, requests, known):
    """Leaves out requests, then lines of bodies, as long as there is still a difference."""
    def fails(candidate):
        return candidate and run(ours, theirs, candidate, set(range(len(candidate))), known) is not None

    smaller = True
    while smaller:
        smaller = False
        for i in range(len(requests)):
            candidate = requests[:i] + requests[i + 1 :]
            if fails(candidate):
                requests, smaller = candidate, True
                break
    for i, (method, path, body) in enumerate(requests):
        if isinstance(body, Messages):
            continue
        lines = (body or b"").splitlines(keepends=True)
        at = 0
        while at < len(lines):
            candidate = requests[:i] + [(method, path, b"".join(lines[:at] + lines[at + 1 :]))] + requests[i + 1 :]
            if fails(candidate):
                lines.pop(at)
                requests = candidate
            else:
                at += 1
    return requests


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ours")
    parser.add_argument("theirs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--requests", type=int, default=12, help="most requests of a round")
    parser.add_argument("--utf8-names", action="store_true", help="send names beyond the legacy set")
    parser.add_argument("--keep-going", action="store_true", help="report every difference, not the first alone")
    options = parser.parse_args()
    ours, theirs = Gateway(options.ours), Gateway(options.theirs)
    for gateway in (ours, theirs):
        status = json.loads(gateway.send("GET", "/api/v1/status")[1])["data"]
        gateway.version = status["build_information"]["version"]
        if gateway.groups():
            sys.exit(f"{gateway.host}:{gateway.port} holds groups; give me empty gateways, I delete all I find")
    # 1.11.0 does not know gauge histograms, and is built with an earlier Go.
    old = "upstream-1.5" in (ours.kind(), theirs.kind()) or theirs.version == "1.11.0"
    ours.old = theirs.old = old
    if not old:
        ours.escapes, theirs.escapes = ours.kind(), theirs.kind()
    kind_of_maker = names_maker(Maker) if options.utf8_names else Maker
    print(f"ours: {ours.kind()}, theirs: {theirs.kind()}, seed {options.seed}")
    sent = differences = 0
    if not old:
        differences += compare_negotiation(ours, theirs, options.seed)
    known = {}
    statuses = {}
    for number in range(options.rounds):
        rng = random.Random(f"{options.seed}/{number}")
        maker = kind_of_maker(rng, old)
        requests = [maker.request() for _ in range(rng.randrange(1, options.requests + 1))]
        looks = {i for i in range(len(requests)) if rng.random() < 0.3}
        sent += len(requests)
        difference = run(ours, theirs, requests, looks, known, statuses)
        if difference is None:
            continue
        differences += 1
        requests = shrink(ours, theirs, requests, known)
        print(f"\nDIFFERENCE in round {number} (seed {options.seed}), reduced to:")
        for method, path, body in requests:
            print(f"  {method} {path}" + (f"  {body!r}" if body is not None else ""))
        print(run(ours, theirs, requests, set(range(len(requests))), known) or difference)
        if not options.keep_going:
            break
    ours.empty()
    theirs.empty()
    for entry, times in sorted(known.items()):
        print(f"documented: deviations.md#{entry}, {times} times")
    mix = ", ".join(f"{times} x {status}" for status, times in sorted(statuses.items()))
    print(f"{number + 1} rounds, {sent} requests to each, answered {mix}; {differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
