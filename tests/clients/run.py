#!/usr/bin/env python3
"""Lets a client push to a gateway and looks at what the scrape then shows.

    run.py GATEWAY EXPECTED [--flag=FLAG ...] -- COMMAND...

starts the gateway on a free port, then, for each section of the file EXPECTED, runs the command with the address of the
gateway and the name of the section. After `[push]` come lines that the scrape must have, and lines that it must not
have, behind a `!`. A line in which `<...>` stands must be there with anything in that place.
"""

import re
import socket
import subprocess
import sys
import time
import urllib.request


def sections_of(path):
    name, lines = None, []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if re.fullmatch(r"\[\w+\]", line):
                if name:
                    yield name, lines
                name, lines = line[1:-1], []
            elif line and not line.startswith("##"):
                lines.append(line)
    yield name, lines


def is_there(wanted, lines):
    if "<...>" not in wanted:
        return wanted in lines
    pattern = re.compile(".*".join(re.escape(part) for part in wanted.split("<...>")))
    return any(pattern.fullmatch(line) for line in lines)


def scrape(address):
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as answer:
        return answer.read().decode().splitlines()


def start(gateway, flags):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    process = subprocess.Popen([gateway, f"--web.listen-address={address}", *flags])
    for _ in range(300):
        try:
            scrape(address)
            return process, address
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    process.kill()
    sys.exit("the gateway does not answer")


def main():
    middle = sys.argv.index("--")
    gateway, expected, *flags = sys.argv[1:middle]
    command = sys.argv[middle + 1:]
    process, address = start(gateway, [flag.removeprefix("--flag=") for flag in flags])
    problems = 0
    try:
        for name, wanted in sections_of(expected):
            done = subprocess.run([*command, address, name], timeout=100)
            if done.returncode != 0:
                sys.exit(f"{name}: the client ends with status {done.returncode}")
            lines = scrape(address)
            for line in wanted:
                if is_there(line.removeprefix("!"), lines) == line.startswith("!"):
                    print(f"{name}: {'there is' if line.startswith('!') else 'there is no'} {line.removeprefix('!')}")
                    problems += 1
            if problems:
                print("\n".join(line for line in lines if "client" in line))
                sys.exit(f"{name}: {problems} lines are not as expected")
            print(f"{name}: {len(wanted)} lines are as expected")
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
