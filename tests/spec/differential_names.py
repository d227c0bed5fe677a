"""Names beyond the legacy set, for differential.py: requests with them, and what a scrape must make of them."""

import re

LEGACY_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
LEGACY_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
SCHEMES = ("underscores", "dots", "values")
TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([^{},= "]+)')
ESCAPES = {"\\\\": "\\", "\\n": "\n", '\\"': '"'}


def real(spelled):
    """The name behind a spelling with or without quotes."""
    if not spelled.startswith('"'):
        return spelled
    return re.sub(r"\\.", lambda m: ESCAPES[m.group(0)], spelled[1:-1])


def split_header(line):
    """HELP or TYPE, the real name, the rest."""
    found = TOKEN.match(line, 7)
    return line[2:6], real(found.group(0)), line[found.end() + 1 :]


def split_sample(line):
    """The real name, the labels in order, the value."""
    name, labels, at = None, [], 0
    if not line.startswith("{"):
        found = TOKEN.match(line)
        name, at = real(found.group(0)), found.end()
    if line[at] == "{":
        at += 1
        while line[at] != "}":
            found = TOKEN.match(line, at)
            at = found.end()
            if line[at] == "=":
                value = TOKEN.match(line, at + 1)
                labels.append((real(found.group(0)), value.group(1)))
                at = value.end()
            else:
                name = real(found.group(0))
            at += line[at] == ","
        at += 1
    return name, labels, line[at + 1 :]


def escaped(name, scheme, legacy=LEGACY_METRIC):
    """A name under a scheme, written independently of both gateways."""
    if legacy.match(name):
        return name
    out = "U__" if scheme == "values" else ""
    for i, c in enumerate(name):
        if c == "_":
            out += "_" if scheme == "underscores" else "__"
        elif legacy.match(("a" if i else "") + c):
            out += c
        elif scheme == "underscores":
            out += "_"
        elif scheme == "dots":
            out += "_dot_" if c == "." else "__"
        else:
            out += f"_{ord(c):x}_"
    return out


def path_name(name):
    """A label name as it stands in a path."""
    if LEGACY_LABEL.match(name) and not name.startswith("U__"):
        return name
    return escaped(" " + name, "values").replace("U___20_", "U__", 1)


def read_lines(text, own):
    """Families in order, as (name, help, type, samples); those of the gateway itself are left out."""
    families = []
    for line in text.split("\n")[:-1]:
        if line.startswith("# "):
            word, name, rest = split_header(line)
            if not families or families[-1][0] != name or families[-1][3]:
                families.append([name, None, None, []])
            families[-1][1 if word == "HELP" else 2] = rest
        else:
            families[-1][3].append(split_sample(line))
    return [f for f in families if not f[0].startswith(own)]


def upstream_escapes(families, scheme):
    """What upstream makes of families: name by name, whatever comes out."""
    return [
        [escaped(name, scheme), help_text, kind,
         [(escaped(sample, scheme) if sample == name else escaped(name, scheme) + sample[len(name) :],
           [(escaped(label, scheme), value) for label, value in labels], value)
          for sample, labels, value in samples]]
        for name, help_text, kind, samples in families
    ]


def mixing(a, b):
    simple = ("counter", "gauge", "untyped")
    return a == b or (a in simple and b in simple)


def we_escape(families, scheme):
    """What this gateway makes of them: one header for a name, no series twice, none that no scraper could take."""
    leaders = {family[0]: family for family in families if escaped(family[0], scheme) == family[0]}
    under = {name: leader[2] for name, leader in leaders.items()}
    followers = {}
    for family in families:
        name = escaped(family[0], scheme)
        if name == family[0]:
            continue
        if name in under:
            followers.setdefault(name, []).append(family)
        elif not parts_clash(name, family[2], under):
            under[name] = family[2]
            leaders[name] = family
    out = []
    for leader in families:
        name = escaped(leader[0], scheme)
        if leaders.get(name) is not leader:
            continue
        same = [leader] + [f for f in followers.get(name, []) if mixing(f[2], leader[2])]
        seen, samples, help_text = set(), [], None
        for real_name, one_help, _, lines in same:
            help_text = one_help if help_text is None else help_text
            for metric in metrics_of(real_name, leader[2], lines):
                labels = [(escaped(label, scheme, LEGACY_LABEL), value) for label, value in metric[0]]
                names = [label for label, _ in labels]
                key = tuple(sorted(labels))
                if len(set(names)) != len(names) or "__name__" in names or key in seen:
                    continue
                seen.add(key)
                for suffix, point, value in metric[1]:
                    samples.append((name + suffix, labels + point, value))
        if samples:
            out.append([name, help_text, leader[2], samples])
    return out


def parts_clash(name, kind, under):
    """Whether lines of a family are called like those of another one; `under` has the types of what is shown by name."""
    def has(of, suffix):
        return of == "histogram" or (of == "summary" and suffix != "_bucket")

    return any(
        (has(kind, suffix) and name + suffix in under)
        or (name.endswith(suffix) and has(under.get(name[: -len(suffix)]), suffix))
        for suffix in ("_bucket", "_count", "_sum")
    )


def metrics_of(name, kind, lines):
    """The samples of a family by metric: its labels, then (suffix, label of the point, value) of each line."""
    found = []
    for sample, labels, value in lines:
        suffix = sample[len(name) :]
        point = []
        if (kind == "histogram" and suffix == "_bucket") or (kind == "summary" and suffix == ""):
            labels, point = labels[:-1], labels[-1:]
        if not found or found[-1][0] != labels or kind not in ("histogram", "summary"):
            found.append((labels, []))
        found[-1][1].append((suffix, point, value))
    return found


def wrong_escapes(gateway, ours, own):
    """What a gateway makes of names under each scheme and should not; nothing if all is right."""
    def scrape(scheme):
        accept = {"Accept": f"text/plain;version=0.0.4;escaping={scheme}"}
        return read_lines(gateway.send("GET", "/metrics", None, accept)[1].decode("utf-8", "replace"), own)

    def settled():
        # Which of several help texts is shown is compared elsewhere.
        before = scrape("allow-utf-8")
        shown = {scheme: scrape(scheme) for scheme in SCHEMES}
        return before, shown, scrape("allow-utf-8")

    before, shown, after = settled()
    for _ in range(200):
        if before == after:
            break
        before, shown, after = settled()
    wrong = {}
    for scheme, families in shown.items():
        want = (we_escape if ours else upstream_escapes)(before, scheme)
        # Upstream sorts series by the values of their labels, and those with the same values as it happens.
        got, want = without_help(families, ours), without_help(want, ours)
        if got != want:
            wrong[scheme] = {"got": [f for f in got if f not in want], "want": [f for f in want if f not in got]}
    return wrong


def without_help(families, ordered):
    return [[name, kind, samples if ordered else sorted(samples)] for name, _, kind, samples in families]


def names_maker(base):
    """A maker of requests with such names, from the one for legacy names."""

    class NamesMaker(base):
        NAMES = ["a", "a_b", '"a.b"', '"a.b"', '"a-b"', '"a.b_sum"', '"a.b_count"', '"a b"', '"1a"', '"ä€"', '"a.b_total"',
                 '"U__a_2e_b"', "U__a_2e_b", "a_dot_b", '"c:d"', '"q\\"\\\\"', '"😀"']
        LABELS = ["l", "l_m", '"l.m"', '"l.m"', '"l-m"', '"ä"', '"1l"', '"l"', "instance", "job", '"c:d"', '"..name.."',
                  '"U__l_2e_m"', '"q\\"\\\\"']
        REFUSED = ['"__x"', '"__name__"', '""', "le", "quantile"]
        PATH_NAMES = ["l.m", "U__l_2e_m", "U__l_2E_m", "%C3%A4", "U___e4_", "l_m", "1x", "U__1x", "U__l", "U__l_zz_", "U__l_d800_",
                      "U__l_2e", "U__l_", "a-b", "c:d", "U__c:d", "%F0%9F%98%80", "U___1f600_", "l%20m", "U__job"]
        REFUSED_PATH_NAMES = ["U__", "%FF", "__x", "U__%FF"]

        def sample(self, name, kind):
            if not name.startswith('"'):
                return super().sample(name, kind)
            found = re.match(r"PLACE([a-z_]*)(?:\{(.*)\})? ", super().sample("PLACE", kind))
            if found is None:  # in braces already
                return super().sample("PLACE", "gauge").replace("PLACE", name) if self.chance(0.1) else name + " 1"
            line, inner = name[:-1] + found.group(1) + '"', found.group(2) or ""
            value = " " + (self.count() if "_" in found.group(1) else self.number())
            # Inside the braces only where lines do not fold: see braces-in-summaries-and-histograms.
            part = name.endswith(('_sum"', '_count"'))
            if part or self.chance(0.2) or kind.lower() not in ("", "counter", "gauge", "untyped"):
                return line + ("{" + inner + "}" if inner else "") + value
            return "{" + line + ("," + inner if inner else "") + "}" + value

        def labels(self, extra=()):
            if self.chance(0.02):
                extra = [*extra, self.rng.choice(self.REFUSED) + '="1"']
            return super().labels(extra)

        def path(self):
            path = super().path()
            if self.chance(0.4) and "?" not in path and not path.endswith("/"):
                name = self.rng.choice(self.PATH_NAMES if self.chance(0.95) else self.REFUSED_PATH_NAMES)
                path += f"/{name}/" + self.rng.choice(["1", "2"]) if self.chance(0.8) else f"/{name}@base64/MQ"
            return path

    return NamesMaker
