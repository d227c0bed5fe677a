#!/usr/bin/env python3
"""Holds a tree of headers against the rules of the house.

    floors.py INCLUDE_DIR     prints every violation as file:line: sentence; exit status 1 if there is one
    floors.py --self-test     plants every kind of violation in a small tree and expects it to be found, and nothing else

The rules: a header includes its own folder and the folders of earlier floors only, in angle brackets; the floors of
the core include no library but the standard one, Boost's headers and the system's; OpenSSL, libcrypt, YAML, logging and
SQLite belong to the components that need them; no folder names what another one keeps in its `detail`; a header has
`#pragma once` and at most 400 lines; its constants are `inline`, so that they are one in the whole program.
"""

import pathlib
import re
import sys
import tempfile

FLOORS = ["base", "model", "format", "store", "journal", "gateway", "http", "server"]
FIRST_OUTSIDE_CORE = FLOORS.index("http")
# Belong to other components although they lie on a floor of the core: they need zlib, zstd, Snappy, protozero, SQLite.
OUTSIDE_CORE = re.compile(r"(format/(gzip|snappy|zstd)[^/]*\.hpp$|format/protobuf/|journal/sqlite/)")
NOT_IN_CORE = re.compile(r"(asio(/|\.hpp$)|zlib\.h$|zstd\.h$|snappy|spdlog/|fmt/|boost/json|boost/asio|openssl/|crypt\.h$|yaml-cpp/|sqlite3\.h$|protozero/)")
# What only some components need, and where it may be included. The headers of http/auth belong to the server's component.
ONLY_BELOW = {
    re.compile(r"(openssl/|asio/ssl)"): ("http/tls/", "http/auth/", "server/"),
    re.compile(r"(crypt\.h$|pushgateway/http/auth/)"): ("http/auth/", "server/"),
    re.compile(r"pushgateway/http/tls/"): ("http/tls/", "server/"),
    re.compile(r"(spdlog/|fmt/|yaml-cpp/)"): ("server/",),
    re.compile(r"sqlite3\.h$"): ("journal/sqlite/",),
}
LINES = 400
# Copies of files that are read elsewhere.
GENERATED = re.compile(r"http/page/assets\.hpp$")

INCLUDE = re.compile(r"^\s*#\s*include\s*([<\"])([^>\"]+)[>\"]")
QUALIFIED_DETAIL = re.compile(r"\b(\w+)::detail::(\w+)")
OWN_DETAIL = re.compile(r"(?<![\w:])detail::(\w+)")
# Parentheses are those of a constructor if a number or a string, empty by then, follows, and of a function otherwise.
OWN_CONSTANT = re.compile(r"(?!.*\b(?:inline|operator)\b)(?:template ?<.*> ?)?(?:\[\[\w+\]\] )?(?:static )?"
                          r"(?:(?:constexpr|constinit|const)\b|[\w:]+ const\b)[^(]*(?:[={]|\(,|\(\d)")
NOT_CODE = re.compile(r'//.*|"(?:[^"\\\n]|\\.)*"')


def floor_of(relative):
    """The floor a header is on, as a number; the headers on top of all folders see every floor."""
    return FLOORS.index(relative.parts[0]) if relative.parts[0] in FLOORS else len(FLOORS)


def namespaces_of(relative):
    """The namespaces whose `detail` a header may name."""
    own = {"pushgateway"} if relative.parts[0] in ("base", "journal", "gateway") else set()
    return own | set(relative.parts[:-1])


def inside_of(path):
    """The folder a header belongs to: a folder named `detail` is a part of the one it lies in."""
    return path.parent.parent if path.parent.name == "detail" else path.parent


def check(include_dir):
    root = pathlib.Path(include_dir) / "pushgateway"
    problems = []
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(root.rglob("*.hpp"))}
    if not texts:
        return [f"{root}: no headers"]
    code = {path: NOT_CODE.sub("", text) for path, text in texts.items()}
    in_folder = {}
    for path in texts:
        folder = inside_of(path)
        in_folder[folder] = in_folder.get(folder, "") + code[path]

    for path, text in texts.items():
        relative = path.relative_to(root)
        lines = text.splitlines()

        def report(line, sentence):
            problems.append(f"{path}:{line}: {sentence}")

        if len(relative.parts) > 1 and relative.parts[0] not in FLOORS:
            report(1, f"the folder {relative.parts[0]} is no floor")
            continue
        if "#pragma once" not in lines:
            report(1, "has no #pragma once")
        if len(lines) > LINES and not GENERATED.search(relative.as_posix()):
            report(len(lines), f"has {len(lines)} lines, more than {LINES}")

        in_core = floor_of(relative) < FIRST_OUTSIDE_CORE and not OUTSIDE_CORE.search(relative.as_posix())
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, name = match.groups()
            if quote == '"':
                report(number, f'includes "{name}" in quotes')
            if in_core and NOT_IN_CORE.match(name):
                report(number, f"is part of the core and includes <{name}>")
            for what, where in ONLY_BELOW.items():
                if what.match(name) and not in_core and not relative.as_posix().startswith(where):
                    report(number, f"includes <{name}>, which is only for {' and '.join(where)}")
            if not name.startswith("pushgateway/"):
                continue
            target = pathlib.PurePosixPath(name).relative_to("pushgateway")
            if not (root / target).is_file():
                report(number, f"includes <{name}>, which does not exist")
            if floor_of(target) > floor_of(relative):
                report(number, f"includes <{name}>, which is on a floor above")
            if target.parent.name == "detail" and inside_of(target) != inside_of(relative):
                report(number, f"includes <{name}>, which is the inside of another folder")

        for number, line in enumerate(code[path].splitlines(), 1):
            if OWN_CONSTANT.match(line) and not GENERATED.search(relative.as_posix()):
                report(number, "has a constant that is not inline")
            for space, name in QUALIFIED_DETAIL.findall(line):
                if space in ("pushgateway", "text", *FLOORS) and space not in namespaces_of(relative):
                    report(number, f"names {space}::detail::{name}, the inside of another folder")
            for name in OWN_DETAIL.findall(line):
                # Folders may share a namespace: what a folder never declares or names by itself is another's.
                own = rf"(?<!detail::)\b{name}\b|\bnamespace [\w:]*detail::{name}\b"
                if not re.search(own, in_folder[inside_of(path)]):
                    report(number, f"names detail::{name}, which its own folder does not have")
    return problems


def self_test():
    clean = {
        "pushgateway.hpp": "#pragma once\n#include <pushgateway/gateway/gateway.hpp>\n",
        "base/error.hpp": "#pragma once\n#include <string>\nnamespace pushgateway::detail { int own(); }\n"
                          "inline int f() { return detail::own(); }\n",
        "base/more.hpp": "#pragma once\nnamespace pushgateway::detail::more { int i; }\n"
                         "inline int g() { return detail::more::i; }\n",
        "model/label.hpp": "#pragma once\n#include <pushgateway/base/error.hpp>\ninline constexpr int one = 1;\n"
                           "constexpr bool operator==(label, label) { return true; }\n"
                           "inline auto const two = one + one;\nconstexpr int f(int x = 1) { return x; }\n"
                           "// model::detail:: in a comment of store\n",
        "format/detail/row.hpp": "#pragma once\nnamespace pushgateway::format::detail { struct row; }\n",
        "format/table.hpp": "#pragma once\n#include <pushgateway/format/detail/row.hpp>\nusing row = detail::row;\n",
        "format/gzip.hpp": "#pragma once\n#include <zlib.h>\n",
        "format/snappy_framed.hpp": "#pragma once\n#include <snappy-c.h>\n",
        "format/zstd.hpp": "#pragma once\n#include <zstd.h>\n",
        "format/text/parse.hpp": "#pragma once\n#include <boost/spirit/home/x3.hpp>\n",
        "gateway/gateway.hpp": "#pragma once\n#include <pushgateway/model/label.hpp>\n",
        "http/auth/bcrypt.hpp": "#pragma once\n#include <crypt.h>\n#include <openssl/crypto.h>\n",
        "server/yaml.hpp": "#pragma once\n#include <yaml-cpp/parser.h>\n#include <pushgateway/http/auth/bcrypt.hpp>\n",
        "http/page/assets.hpp": "#pragma once\n" + "\n" * LINES,
        "http/server.hpp": "#pragma once\n#include <asio/ip/tcp.hpp>\n" + "\n" * (LINES - 2),
        "http/tls/stream.hpp": "#pragma once\n#include <openssl/ssl.h>\n",
    }
    planted = {
        "goes up": ("base/bad.hpp", "#pragma once\n#include <pushgateway/model/label.hpp>\n", "on a floor above"),
        "goes up to the front door": ("http/bad.hpp", "#pragma once\n#include <pushgateway/pushgateway.hpp>\n", "above"),
        "in quotes": ("model/bad.hpp", '#pragma once\n#include "label.hpp"\n', "in quotes"),
        "missing header": ("model/bad.hpp", "#pragma once\n#include <pushgateway/base/none.hpp>\n", "does not exist"),
        "asio in the core": ("gateway/bad.hpp", "#pragma once\n#include <asio.hpp>\n", "part of the core"),
        "zlib in the core": ("format/bad.hpp", "#pragma once\n#include <zlib.h>\n", "part of the core"),
        "zstd in the core": ("format/bad.hpp", "#pragma once\n#include <zstd.h>\n", "part of the core"),
        "Snappy in the core": ("format/bad.hpp", "#pragma once\n#include <snappy-c.h>\n", "part of the core"),
        "OpenSSL in the core": ("gateway/bad.hpp", "#pragma once\n#include <openssl/sha.h>\n", "part of the core"),
        "OpenSSL outside of TLS": ("http/bad.hpp", "#pragma once\n#include <openssl/ssl.h>\n", "only for http/tls/"),
        "Asio's TLS outside of TLS": ("http/bad.hpp", "#pragma once\n#include <asio/ssl.hpp>\n", "only for http/tls/"),
        "JSON in the core": ("gateway/bad.hpp", "#pragma once\n#include <boost/json/value.hpp>\n", "part of the core"),
        "SQLite elsewhere": ("http/bad.hpp", "#pragma once\n#include <sqlite3.h>\n", "only for journal/sqlite/"),
        "passwords in the core": ("base/bad.hpp", "#pragma once\n#include <crypt.h>\n", "part of the core"),
        "passwords in the HTTP front end": ("http/bad.hpp", "#pragma once\n#include <crypt.h>\n", "only for http/auth/"),
        "YAML in the HTTP front end": ("http/bad.hpp", "#pragma once\n#include <yaml-cpp/parser.h>\n", "only for server/"),
        "authentication in the HTTP front end":
            ("http/bad.hpp", "#pragma once\n#include <pushgateway/http/auth/bcrypt.hpp>\n", "only for http/auth/"),
        "detail of a sibling": ("http/bad.hpp", "#pragma once\nint i = model::detail::same(1, 1);\n", "of another folder"),
        "the folder detail of a sibling":
            ("store/bad.hpp", "#pragma once\n#include <pushgateway/format/detail/row.hpp>\n", "inside of another"),
        "detail of a subfolder": ("format/bad.hpp", "#pragma once\nint i = text::detail::x;\n", "of another folder"),
        "detail of a shared namespace": ("gateway/bad.hpp", "#pragma once\nint i = detail::own();\n", "does not have"),
        "no pragma": ("model/bad.hpp", "int i;\n", "no #pragma once"),
        "too long": ("model/bad.hpp", "#pragma once\n" + "\n" * LINES, "lines, more than"),
        "a constant per unit": ("model/bad.hpp", "#pragma once\nconstexpr auto f = [](int) {};\n", "not inline"),
        "a constant in braces": ("model/bad.hpp", "#pragma once\nconstexpr int x{1};\n", "not inline"),
        "a constant in parentheses": ("model/bad.hpp", '#pragma once\nconstexpr view x("x", 1);\n', "not inline"),
        "a static constant": ("model/bad.hpp", "#pragma once\nstatic constexpr int x = 1;\n", "not inline"),
        "a constant of its own type": ("model/bad.hpp", "#pragma once\nauto const x = f();\n", "not inline"),
        "no floor": ("cellar/bad.hpp", "#pragma once\n", "is no floor"),
    }

    def problems_with(extra):
        with tempfile.TemporaryDirectory() as directory:
            for name, text in {**clean, **extra}.items():
                path = pathlib.Path(directory) / "pushgateway" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check(directory)

    wrong = [f"a clean tree: {problem}" for problem in problems_with({})]
    for what, (name, text, expected) in planted.items():
        found = problems_with({name: text})
        if len(found) != 1 or expected not in found[0] or name not in found[0]:
            wrong.append(f"planted: {what}; found: {found}")
    with tempfile.TemporaryDirectory() as directory:
        if not check(directory):
            wrong.append("an empty tree passes")
    return wrong


def main(argument):
    problems = self_test() if argument == "--self-test" else check(argument)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
