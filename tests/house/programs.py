#!/usr/bin/env python3
"""Holds scripts and tests to the programs that script/bootstrap installs.

    programs.py ROOT          prints every call of a program that may be missing as file:line: sentence; exit status 1 if
                              there is one, 77 where there is no dpkg to ask
    programs.py --self-test   plants calls of every kind in a small tree and expects those to be found, and nothing else

A program may be called if Debian has it everywhere (its essential and required packages, and apt), if a package has it that
script/bootstrap names for what the file asks of it (build, test or cluster; tests may call what `test` names), or if the
same file looks for it and says what to do without: by `command -v` in a script, find_program in CMake, shutil.which in
Python. It is not enough that another package happens to bring it. And CMake is told the generator wherever it is
called: its own default, make, is in no such package.
"""

import ast
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BUILTINS = set(". : [ alias bg break cd command continue echo eval exec exit export false fg getopts hash jobs kill local "
               "printf pwd read readonly return set shift test times trap true type ulimit umask unalias unset wait "
               "shopt source declare mapfile".split())
KEYWORDS = set("if then elif else fi while until do done ! { } time [[ ]]".split())
# What runs the command behind it, and how many words stand between: `step NAME COMMAND`. Options and numbers do not count.
PREFIXES = {"command": 0, "env": 0, "exec": 0, "nice": 0, "nohup": 0, "setarch": 0, "sudo": 0, "timeout": 0, "unshare": 0,
            "xargs": 0, "step": 1, "await": 0, "within": 1, "chroot": 1, "$as_root": 0}
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")


class Shell:
    """The commands of a shell script, of those that stand in its strings too, as far as they can be read without running it."""

    def __init__(self, text):
        self.text = text
        self.commands = []  # (line, word, the word as it is written)
        self.functions = set()
        self.documents = []
        self.scan(0, None)

    def line(self, at):
        return self.text.count("\n", 0, at) + 1

    def word(self, at):
        """The word at a place, without its quotes, and where it ends. What it substitutes is looked through."""
        out, text = "", self.text
        while at < len(text):
            c = text[at]
            if c == "\\":
                out += text[at + 1:at + 2].replace("\n", "")
                at += 2
            elif c == "'":
                end = text.index("'", at + 1)
                out += text[at + 1:end]
                at = end + 1
            elif c == '"':
                at += 1
                while text[at] != '"':
                    if text[at] == "\\":
                        out += text[at:at + 2]
                        at += 2
                    elif text[at] in "$`":
                        end = self.substitution(at)
                        out += text[at:end]
                        at = end
                    else:
                        out += text[at]
                        at += 1
                at += 1
            elif c in "$`":
                end = self.substitution(at)
                out += text[at:end]
                at = end
            elif c in " \t\n;&|()<>":
                break
            else:
                out += c
                at += 1
        return out, at

    def substitution(self, at):
        """Where the substitution at a place ends; the commands in it are commands."""
        text = self.text
        if text.startswith("$((", at):
            return text.index("))", at) + 2
        if text.startswith("$(", at):
            return self.scan(at + 2, ")")
        if text.startswith("${", at):
            at += 2
            while text[at] != "}":
                if text[at] in "$`":
                    at = self.substitution(at)
                elif text[at] == "\\":
                    at += 2
                else:
                    at += 1
            return at + 1
        if text[at] == "`":
            return self.scan(at + 1, "`")
        return at + 1

    def nested(self, code, line):
        """A script in a string."""
        for its_line, name in Shell(code).commands:
            self.commands.append((line + its_line - 1, name))

    def scan(self, at, closing):
        text = self.text
        start, skip, prefix, previous = True, 0, False, ""
        cases = []  # for each `case` that is open: whether a pattern comes
        while at < len(text):
            c = text[at]
            if c == closing and not (cases and cases[-1]):
                return at + 1
            if c in " \t":
                at += 1
            elif text.startswith("\\\n", at):
                at += 2
            elif c == "#":
                at = text.find("\n", at) if "\n" in text[at:] else len(text)
            elif c == "\n":
                at += 1
                start, prefix = True, False
                for end in self.documents:
                    found = re.compile(rf"^\t*{re.escape(end)}$", re.M).search(text, at)
                    at = found.end() if found else len(text)
                self.documents = []
            elif text.startswith(";;", at):
                at += 2
                start, prefix = True, False
                if cases:
                    cases[-1] = True
            elif c in "<>":
                operator = re.compile(r"<<-?|[<>]&|>>|<>|>\||[<>]").match(text, at).group()
                at += len(operator)
                while text[at] in " \t":
                    at += 1
                target, at = self.word(at)
                if operator.startswith("<<"):
                    self.documents.append(target)
            elif c == ")" and cases and cases[-1]:
                cases[-1] = False
                at += 1
                start = True
            elif c in ";&|(":
                at += 1
                start, prefix = True, False
            elif c == ")":
                at += 1
                start, prefix = False, False
            else:
                begin = at
                word, at = self.word(at)
                written = text[begin:at]
                if cases and cases[-1]:
                    if written == "esac":
                        cases.pop()
                        start = False
                    continue
                if not start:
                    if (previous == "trap" or previous == "sh" and written[0] == "'") and " " in word:
                        self.nested(word, self.line(begin))
                        previous = ""
                    continue
                if re.fullmatch(r"[0-9]+", word) and text[at:at + 1] in ("<", ">"):
                    continue
                if ASSIGNMENT.match(word):
                    continue
                if text.startswith("()", at) and not prefix:
                    self.functions.add(word)
                    at += 2
                    continue
                if prefix and (written.startswith("-") or re.fullmatch(r"[0-9.]+[smh]?|\{\}", written)):
                    if word in ("-v", "-V"):
                        start = False
                    continue
                if prefix and skip:
                    skip -= 1
                    continue
                if not prefix and written in KEYWORDS:
                    continue
                if not prefix and written == "case":
                    _, at = self.word(at + len(re.match(r"\s*", text[at:]).group()))
                    at = re.compile(r"\s*in\b").match(text, at).end()
                    cases.append(True)
                    continue
                if not prefix and written == "esac":
                    cases and cases.pop()
                    start = False
                    continue
                if not prefix and written == "for":
                    start = False
                    continue
                self.commands.append((self.line(begin), word))
                previous = word
                start = prefix = word in PREFIXES
                skip = PREFIXES.get(word, 0)
        return at


def calls_in_python(text):
    """(line, program) of what is started, and what is looked for."""
    calls, wanted = [], set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        first, name = node.args[0], node.func.attr
        owner = getattr(node.func.value, "id", "")
        if owner == "shutil" and name == "which" and isinstance(first, ast.Constant):
            wanted.add(first.value)
        if owner == "subprocess" and name in ("run", "Popen", "call", "check_call", "check_output"):
            if isinstance(first, ast.List) and first.elts:
                first = first.elts[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                calls.append((node.lineno, first.value))
        elif owner == "os" and name == "system" and isinstance(first, ast.Constant):
            calls += [(node.lineno + line - 1, word) for line, word in Shell(first.value).commands]
    return calls, wanted


def without_comments(text, comment):
    return re.sub(comment, "", text)


def calls_in(path, text, root):
    """(line, program) of the calls in a file, and the names it does not mean a program by, or looks for."""
    if path.suffix == ".py" or re.match(r"#!.*python", text):
        return calls_in_python(text)
    calls = []
    if path.name == "CMakeLists.txt" or path.suffix == ".cmake":
        text = without_comments(text, r"(?m)^\s*#.*")
        fine = set(re.findall(r"add_executable\(\s*([^\s)]+)", text)) | {"${name}_replay", "${name}_fuzz"}
        for found in re.finditer(r"find_program\(([^)]*)\)", text):
            fine |= set(found.group(1).split()[1:])
        for found in re.finditer(r"\bCOMMAND\s+\"?([^\s)\"]+)(\s+sh\s)?", text):
            calls.append((text.count("\n", 0, found.start()) + 1, found.group(1)))
        return calls, fine
    if path.suffix in (".cpp", ".hpp", ".js", ".mjs"):
        pattern = (r'\b(?:popen|system)\(\s*"([^"]*)' if path.suffix in (".cpp", ".hpp") else
                   r"""\b(?:spawn|spawnSync|execFile|execFileSync)\(\s*["'`]([^"'`]*)|(?<![.\w])exec(?:Sync)?\(\s*["'`]([^"'`]*)""")
        for found in re.finditer(pattern, text):
            line = text.count("\n", 0, found.start()) + 1
            code = next(group for group in found.groups() if group is not None)
            calls += [(line, word) for _, word in Shell(code).commands]
        return calls, set()
    shell = Shell(text)
    fine = set(shell.functions) | set(re.findall(r"command -v ([\w.+-]+)", text))
    # What it sources is here under its own name, too.
    sourced = [other for name in re.findall(r"(?m)^\s*\. .*?([\w-]+\.sh)\b", text) for other in root.rglob(name)]
    for other in sourced:
        fine |= Shell(other.read_text(encoding="utf-8")).functions
    # A list of them: `for tool in a b; do command -v "$tool"`, or handed to a function `need` that does it.
    for _, words in re.findall(r'for (\w+) in ([\w .+-]+); do\s+command -v "\$\1"', text):
        fine |= set(words.split())
    if "need" in fine:
        fine |= {word for words in re.findall(r"\bneed ([\w .+-]+)", text) for word in words.split()}
    return shell.commands, fine


def files_of(root):
    """The scripts and tests of a tree: those that git knows, if it is a repository."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            check=False)
    names = listed.stdout.decode().split("\0") if listed.returncode == 0 else [
        str(path.relative_to(root)) for path in root.rglob("*")]
    for name in sorted(names):
        path = root / name
        if not path.is_file() or not re.match(r"(script|tests|bench|fuzz|\.ci)/|CMakeLists.txt$", name):
            continue
        if path.suffix in (".py", ".sh", ".cmake", ".cpp", ".hpp", ".js", ".mjs") or path.name == "CMakeLists.txt":
            yield path
        elif not path.suffix and path.read_bytes().startswith(b"#!"):
            yield path


def scope_of(path, root, text):
    """For which of script/bootstrap's lists a file asks."""
    relative = path.relative_to(root).as_posix()
    if relative == "script/bootstrap":
        return "nothing"
    # It asks for packages by itself, or lies beside what does.
    found = re.findall(r"script/bootstrap\"? (build|test|cluster)\b", text)
    if "test" in found or relative.startswith(("tests/", "bench/", "fuzz/", ".ci/", "CMakeLists")):
        return "test"
    return found[0] if found else "test"


def check(root, programs, everywhere, in_source_of_build=None):
    """`programs` maps the lists of script/bootstrap to the names of the programs in their packages."""
    problems, seen = [], 0
    for path in files_of(root):
        text = path.read_text(encoding="utf-8", errors="replace")
        try:
            calls, fine = calls_in(path, text, root)
        except (ValueError, IndexError, AttributeError) as error:
            problems.append(f"{path}:1: cannot be read for the programs that it calls: {error!r}")
            continue
        scope = scope_of(path, root, text)
        known = everywhere | programs.get(scope, set()) | fine
        for line, name in calls:
            if not name or "$" in name or "/" in name or "::" in name or "`" in name or name in BUILTINS or "<" in name:
                continue
            seen += 1
            if name not in known:
                problems.append(f"{path}:{line}: calls {name}, which is in no package that script/bootstrap names for {scope} "
                                "and which this file does not look for")
        if path.name == "CMakeLists.txt" or path.suffix != ".cpp":
            for found in re.finditer(r"(?m)^[^#\n]*(?:\bcmake|\$\{CMAKE_COMMAND\}) -S (?:[^\n]*\\?\n\s*){1,2}", text):
                if " -G " not in found.group() and path.name != "programs.py":
                    problems.append(f"{path}:{text.count(chr(10), 0, found.start()) + 1}: calls CMake without a generator")
    if not seen:
        problems.append(f"{root}: no calls of programs")
    return problems


def packages_of(bootstrap):
    """What script/bootstrap names, by list; `test` has all."""
    lists = {name: set(words.split()) for name, words in re.findall(r"(?m)^(build|test|cluster)='([^']*)'", bootstrap)}
    for words in re.findall(r'(?m)^\s+test="\$test ([^"]*)"', bootstrap):
        lists["test"] |= set(words.split())
    lists["test"] |= lists["build"] | lists["cluster"]
    return lists


def installed(packages):
    """The names of the programs in these packages, as far as they are installed. Where a package only stands for others of
    its source, as python3 for python3-minimal, their programs are its own."""
    listed = subprocess.run(["dpkg-query", "-W", "-f", "${Package}|${source:Package}|${Pre-Depends}, ${Depends}\n"],
                            stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    here = {name: (source, set(re.findall(r"(?:^|[,|] *)([a-z0-9.+-]+)", needed)))
            for name, source, needed in (line.split("|", 2) for line in listed)}
    wanted = packages & here.keys()
    wanted |= {other for name in wanted for other in here[name][1] & here.keys() if here[other][0] == here[name][0]}
    if not wanted:
        return set()
    files = subprocess.run(["dpkg-query", "-L", *sorted(wanted)], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {pathlib.PurePath(line).name for line in files.splitlines() if re.match(r"/(usr/)?s?bin/[^/]+$", line)}


def programs_here(root):
    """The programs by list, and those that are on every Debian."""
    bootstrap = (root / "script/bootstrap").read_text(encoding="utf-8")
    listed = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Essential} ${Priority}\n"], stdout=subprocess.PIPE,
                            text=True, check=True).stdout.splitlines()
    everywhere = installed({line.split()[0] for line in listed if line.endswith(" required") or " yes " in line} | {"apt"})
    # Those that come by way of the alternatives system: awk is mawk's.
    for link in pathlib.Path("/etc/alternatives").glob("*"):
        if link.resolve().name in everywhere:
            everywhere.add(link.name)
    programs = {name: installed(packages) for name, packages in packages_of(bootstrap).items()}
    # It lets any Node.js do that is there.
    programs["test"] |= set(re.findall(r"command -v ([\w-]+)", bootstrap)) & {"node", "npm"}
    return programs, everywhere


def self_test():
    clean = {
        "script/bootstrap": "#!/bin/sh\nbuild='cmake g++'\ntest='curl'\ncluster='podman'\n"
                            "command -v sudo >/dev/null || exit 1\nsudo apt-get update\n",
        "script/all": """#!/bin/sh
# hidden in a comment
script/bootstrap test
name=$(cat file | sed 's/hidden; x/y/')
case $1 in
hidden | other) cat "$(cat x)" ;;
*) echo "hidden" 'hidden; hidden' ;;
esac
for hidden in a b; do cat $hidden; done
if ! curl a; then exit 1; fi
work() { cat; }
work hidden && "$name" hidden
cat <<END
hidden text
END
trap 'cat x' EXIT
HIDDEN=x cmake -S . -G Ninja 2>&1 | cat
exec xargs -0 -r cat
""",
        "script/looks": "#!/bin/sh\nif command -v go >/dev/null; then go build; fi\n"
                        'for program in helm gh; do\n    command -v "$program" || exit 1\ndone\nhelm x\n',
        "script/needs": '#!/bin/sh\nneed() {\n    for tool in "$@"; do\n        command -v "$tool" || exit 1\n    done\n}\n'
                        "need docker gh\ndocker run\n",
        "script/steps.sh": "# shellcheck shell=sh\nstep() { shift; \"$@\"; }\n",
        "script/steps": "#!/bin/sh\n. script/steps.sh\nstep hidden cat\n",
        "tests/run.py": "import subprocess, sys\nsubprocess.run([sys.executable, 'hidden'])\nsubprocess.run(['curl', 'x'])\n",
        "tests/CMakeLists.txt": "add_executable(mine x.cpp)\nadd_test(NAME a COMMAND mine)\nfind_program(GO go REQUIRED)\n"
                                "add_test(NAME b COMMAND ${CMAKE_COMMAND} -S x -G Ninja)\nadd_test(NAME c COMMAND cat x)\n",
        "tests/a.mjs": 'spawn("cat", ["hidden"]); /hidden/.exec("hidden");\n',
        "tests/a.cpp": 'int i = std::system("cat x | curl");\n// system of a hidden kind\n',
    }
    planted = {
        "a command": ("script/bad", "#!/bin/sh\nhidden x\n", ":2: calls hidden"),
        "behind a pipe": ("script/bad", "#!/bin/sh\ncat x |\n    hidden\n", ":3: calls hidden"),
        "in a substitution in a string": ("script/bad", '#!/bin/sh\ncat "a $(hidden) b"\n', "calls hidden"),
        "in the default of a variable": ("script/bad", '#!/bin/sh\ncat "${a-$(hidden)}"\n', "calls hidden"),
        "in a case": ("script/bad", "#!/bin/sh\ncase x in\na) hidden ;;\nesac\n", "calls hidden"),
        "behind a case": ("script/bad", "#!/bin/sh\ncase x in a) cat ;; esac\nhidden\n", "calls hidden"),
        "in a condition": ("script/bad", "#!/bin/sh\nwhile ! hidden; do :; done\n", "calls hidden"),
        "with a variable of its own": ("script/bad", "#!/bin/sh\nA=b hidden\n", "calls hidden"),
        "by another": ("script/bad", "#!/bin/sh\nexec env A=b nice -n 5 hidden x\n", "calls hidden"),
        "as a step": ("script/bad", "#!/bin/sh\n. script/steps.sh\nstep name hidden x\n", "calls hidden"),
        "on leaving": ("script/bad", "#!/bin/sh\ntrap 'hidden x' EXIT\n", "calls hidden"),
        "behind a document": ("script/bad", "#!/bin/sh\ncat <<'END'\ntext\nEND\nhidden\n", ":5: calls hidden"),
        "of a wider list": ("script/bad", "#!/bin/sh\nscript/bootstrap build\ncurl x\n", "names for build"),
        "looked for elsewhere": ("script/bad", "#!/bin/sh\ngo build\n", "calls go"),
        "in Python": ("tests/bad.py", "import subprocess\nsubprocess.run(['hidden', 'x'])\n", ":2: calls hidden"),
        "in Python without a list": ("tests/bad.py", "import os\nos.system('cat x; hidden')\n", "calls hidden"),
        "in CMake": ("tests/bad.cmake", "execute_process(COMMAND hidden x)\n", "calls hidden"),
        "in JavaScript": ("tests/bad.mjs", 'spawn("hidden", []);\n', "calls hidden"),
        "in C++": ("tests/bad.cpp", 'auto f = ::popen("cat x | hidden", "r");\n', "calls hidden"),
        "CMake by default": ("script/bad", "#!/bin/sh\ncmake -S a -B b\ncat\n", "without a generator"),
        "what cannot be read": ("script/bad", "#!/bin/sh\ncat 'x\n", "cannot be read"),
    }

    def problems_with(extra):
        with tempfile.TemporaryDirectory() as directory:
            for name, text in {**clean, **extra}.items():
                path = pathlib.Path(directory) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return check(pathlib.Path(directory), {"build": {"cmake"}, "cluster": {"podman"},
                                                   "test": {"cmake", "curl", "podman"}},
                         {"apt-get", "cat", "env", "nice", "sed", "xargs"})

    wrong = [f"a clean tree: {problem}" for problem in problems_with({})]
    for what, (name, text, expected) in planted.items():
        found = problems_with({name: text})
        if len(found) != 1 or expected not in found[0] or name not in found[0]:
            wrong.append(f"planted: {what}; found: {found}")
    with tempfile.TemporaryDirectory() as directory:
        if not check(pathlib.Path(directory), {}, set()):
            wrong.append("an empty tree passes")
    named = packages_of("build='a\n  b'\ntest='c'\ncluster='d'\nif x; then\n    test=\"$test nodejs npm\"\nfi\n")
    if named != {"build": {"a", "b"}, "test": {"a", "b", "c", "d", "nodejs", "npm"}, "cluster": {"d"}}:
        wrong.append(f"the lists of packages: {named}")
    return wrong


def main(argument):
    if argument == "--self-test":
        problems = self_test()
    elif not shutil.which("dpkg-query"):
        print("skipped: there is no dpkg to ask for programs of packages")
        return 77
    else:
        root = pathlib.Path(argument).resolve()
        problems = check(root, *programs_here(root))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
