#!/usr/bin/env python3
"""Holds the README to its word.

    readme.py extract README OUT     writes the first C++ block, and a project around it, into the folder OUT
    readme.py example README PROGRAM runs the built example: what it prints holds the lines of the README's `text` block
    readme.py console README SERVER  starts the server and runs the commands of the `console` blocks: each prints what
                                     the README shows, numbers in exponent form apart (they are times of a push)
"""

import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.request

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(readme LANGUAGES CXX)
find_package(pushgateway REQUIRED)
add_executable(readme main.cpp)
target_link_libraries(readme PRIVATE pushgateway::pushgateway)
"""


def blocks(readme, language):
    text = pathlib.Path(readme).read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if not found:
        sys.exit(f"{readme}: no block of {language}")
    return found


def extract(readme, out):
    folder = pathlib.Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("main.cpp", blocks(readme, "cpp")[0]), ("CMakeLists.txt", PROJECT)):
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def mask(text):
    return re.sub(r"\b[0-9.]+e\+09\b", "<time>", text).strip()


def example(readme, program):
    printed = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in mask(blocks(readme, "text")[0]).splitlines():
        if line not in mask(printed).splitlines():
            sys.exit(f"the README says that the example prints\n{line}\nbut it prints\n{printed}")


def commands(readme):
    """Pairs of a command and the output shown below it."""
    for block in blocks(readme, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            count = 1
            while lines[count - 1].endswith("\\"):
                count += 1
            yield "\n".join(lines[:count]), "\n".join(lines[count:])


def console(readme, server):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % probe.getsockname()[1]
    process = subprocess.Popen([server, f"--web.listen-address={address}"], stderr=subprocess.DEVNULL)
    ran = 0
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"http://{address}/-/ready", timeout=5).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit("the server does not come up")
                time.sleep(0.05)
        for command, expected in commands(readme):
            if "localhost:9091" not in command:
                continue
            ran += 1
            local = command.replace("localhost:9091", address)
            printed = subprocess.run(["sh", "-c", local], stdout=subprocess.PIPE, text=True, env={**os.environ, "LC_ALL": "C"})
            if mask(printed.stdout) != mask(expected):
                sys.exit(f"$ {command}\nthe README shows\n{expected}\nbut it prints\n{printed.stdout}")
    finally:
        process.terminate()
        status = process.wait(timeout=30)
    if ran == 0:
        sys.exit("the README shows no command against the server")
    if status != 0:
        sys.exit(f"the server ended with status {status}")


if __name__ == "__main__":
    {"extract": extract, "example": example, "console": console}[sys.argv[1]](*sys.argv[2:])
