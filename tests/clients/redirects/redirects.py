#!/usr/bin/env python3
"""Lets clients that follow redirects push to addresses that are not clean.

    redirects.py GATEWAY NAME COMMAND...

starts the gateway and runs `COMMAND... METHOD URL FILE`, a client that sends the file and ends with status 0 if it takes
the push for a success. What a client takes for a success must be stored, in the group that was named; and no group may be
changed that was not.
"""

import pathlib
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from run import scrape, start  # noqa: E402

# Clients that end with an error instead of sending a body again.
DO_NOT_FOLLOW = {"urllib"}
# Clients that cannot send every method.
METHODS = {"busybox": ["POST"]}


def push(address, path, text):
    request = urllib.request.Request(f"http://{address}{path}", text.encode(), method="PUT")
    urllib.request.urlopen(request, timeout=30).close()


def line(value, **labels):
    pairs = ",".join(f'{name}="{text}"' for name, text in sorted({"instance": "", **labels}.items()))
    return f"pushed{{{pairs}}} {value}"


def main():
    gateway, client, *command = sys.argv[1:]
    process, address = start(gateway, [])
    problems = []
    value = 1

    def send(method, path):
        nonlocal value
        value += 1
        with tempfile.NamedTemporaryFile("w", suffix=".prom") as file:
            file.write(f"pushed {value}\n")
            file.flush()
            done = subprocess.run([*command, method, f"http://{address}{path}", file.name], timeout=100,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(f"{client} {method} {path}: {'success' if done.returncode == 0 else 'failure'}")
        return done.returncode == 0

    try:
        for method in METHODS.get(client, ["PUT", "POST"]):
            for path, labels in (("/metrics/job/plain", {"job": "plain"}),
                                 ("//metrics/job/first", {"job": "first"}),
                                 ("/metrics//job/second/a/b", {"job": "second", "a": "b"}),
                                 ("/METRICS/job/third", {"job": "third"})):
                taken = send(method, path)
                stored = line(value, **labels) in scrape(address)
                if taken and not stored:
                    problems.append(f"{method} {path} is a success for {client}, but not stored")
                if not taken and (client not in DO_NOT_FOLLOW or path == "/metrics/job/plain"):
                    problems.append(f"{method} {path} is a failure for {client}")
            push(address, "/metrics/job/n/host/zone/disk/sda", "pushed 1000\n")
            for path in ("/metrics/job/n/host//zone//disk/sda", "//metrics/job/n/host//zone//disk/sda"):
                taken = send(method, path)
                if line(1000, job="n", host="zone", disk="sda") not in scrape(address):
                    problems.append(f"{method} {path} of {client} has changed another group")
                if taken:
                    problems.append(f"{method} {path} is a success for {client}, but not stored")
    finally:
        process.terminate()
        process.wait(30)
    if problems:
        sys.exit("\n".join(problems))


main()
