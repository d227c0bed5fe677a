"""Holds a gateway against a folder of OpenMetrics test vectors, and against the table of those that it departs from.

usage: openmetrics_vectors.py PAGE URL FOLDER

Each folder in FOLDER has a `test.json` with the name of a body, `file`, and whether a reader must take it, `shouldParse`.
PAGE is spec/openmetrics.md. The status is 1 if a vector departs that is not in the table, or one in the table does not.
"""

import argparse
import http.client
import json
import os
import re
import sys
import urllib.parse

TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def read_table(page):
    """The vectors of the table, each with what is said to become of it and why."""
    with open(page, encoding="utf-8") as file:
        section = file.read().split("## The standard's own test vectors", 1)[1].split("\n## ", 1)[0]
    rows = {}
    for line in section.split("\n"):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[1] in ("taken", "refused"):
            rows.update({name: (cells[1], cells[2]) for name in re.findall(r"`(\w+)`", cells[0])})
    return rows


def request(url, method, path, body=None, fields=None):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=20)
    connection.request(method, parts.path.rstrip("/") + path, body, fields or {})
    response = connection.getresponse()
    return response.status, response.read().decode("utf-8", "replace")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("page")
    parser.add_argument("url")
    parser.add_argument("folder")
    options = parser.parse_args()
    flags = json.loads(request(options.url, "GET", "/api/v1/status")[1])["data"]["flags"]
    timestamps = flags.get("push.timestamps", "reject") != "reject"
    known = read_table(options.page)
    wrong, right, departing = [], {True: 0, False: 0}, {True: 0, False: 0}
    for name in sorted(os.listdir(options.folder)):
        place = os.path.join(options.folder, name)
        if not os.path.exists(os.path.join(place, "test.json")):
            continue
        with open(os.path.join(place, "test.json"), encoding="utf-8") as file:
            test = json.load(file)
        with open(os.path.join(place, test["file"]), "rb") as file:
            body = file.read()
        wanted = test["shouldParse"]
        status, text = request(options.url, "PUT", "/metrics/job/vector", body, {"Content-Type": TYPE})
        if status not in (200, 400):
            wrong.append(f"{name}: answered {status} {text.strip()}")
            continue
        taken = status == 200
        said, why = known.pop(name, (None, ""))
        expected = wanted if said is None or (timestamps and "--push.timestamps" in why) else said == "taken"
        (right if taken == wanted else departing)[wanted] += 1
        if taken != expected:
            wrong.append(f"{name}: {'taken' if taken else 'refused: ' + text.strip()}, which the table does not say")
    request(options.url, "DELETE", "/metrics/job/vector")
    wrong += [f"{name}: in the table, not in the folder" for name in known]
    print(f"sound bodies: {right[True]} taken, {departing[True]} refused; bad ones: {right[False]} refused, {departing[False]} taken")
    for line in wrong:
        print(line)
    sys.exit(1 if wrong or not right[True] else 0)


if __name__ == "__main__":
    main()
