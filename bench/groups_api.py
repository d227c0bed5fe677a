#!/usr/bin/env python3
"""Times the first screen of the web page: GET /api/v1/groups of a gateway with many groups.

    bench/groups_api.py PUSHGATEWAY [GROUPS] [ROUNDS]

Starts the program on a free loopback port, pushes GROUPS (10000) groups of 22 series, and prints the time to the whole
answer in milliseconds, as median and as the longest of ROUNDS (20): after a push, when the list has to be made anew;
without one; and when nothing has changed for who sends the tag of the last answer.
"""

import http.client
import re
import statistics
import subprocess
import sys
import time

BODY = "".join(f'metric_{i // 5}{{number="{i}"}} {i}\n' for i in range(22))
SCREENS = {
    "by last push": "/api/v1/groups?sort=-pushed&limit=100",
    "by job, the last hundred": "/api/v1/groups?limit=100&offset=9900",
    "a search": "/api/v1/groups?search=node-0777&limit=100",
    "a selector": "/api/v1/groups?match[]=metric_1%7Bhost=~%22node-.*7%22%7D&limit=100",
}


def main(program, groups=10000, rounds=20):
    server = subprocess.Popen([program, "--web.listen-address=127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
    try:
        line = next(line for line in server.stderr if "Listening on" in line)
        connection = http.client.HTTPConnection("127.0.0.1", int(re.search(r":(\d+)", line.split("address=")[1])[1]))

        def ask(method, path, body=None, headers={}):
            begin = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return 1000 * (time.perf_counter() - begin), answer

        def push(i):
            _, answer = ask("PUT", f"/metrics/job/job-{i % 20}/host/node-{i:05}", BODY)
            assert answer.status == 200, answer.status

        for i in range(groups):
            push(i)
        print(f"{groups} groups of 22 series, median and longest of {rounds} in ms")
        for name, path in SCREENS.items():
            fresh, kept, unchanged = [], [], []
            for i in range(rounds):
                push(i)
                took, answer = ask("GET", path)
                assert answer.status == 200, answer.status
                fresh.append(took)
                kept.append(ask("GET", path)[0])
                took, again = ask("GET", path, headers={"If-None-Match": answer.headers["ETag"]})
                assert again.status == 304, again.status
                unchanged.append(took)
            for what, times in (("after a push", fresh), ("again", kept), ("unchanged", unchanged)):
                print(f"{name:26} {what:14} {statistics.median(times):8.1f} {max(times):8.1f}")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], *map(int, sys.argv[2:4]))
