"""compare.py FOLDER: prints the medians of head-*.json and base-*.json (Google Benchmark) side by side."""
import glob
import json
import statistics
import sys


def medians(kind):
    times = {}
    for path in glob.glob(f"{sys.argv[1]}/{kind}-*.json"):
        with open(path, encoding="utf-8") as file:
            for run in json.load(file)["benchmarks"]:
                if run.get("run_type") != "aggregate":
                    times.setdefault(run["name"], []).append((run["cpu_time"], run["time_unit"]))
    return {name: (statistics.median(t for t, _ in runs), runs[0][1]) for name, runs in times.items()}


base, head = medians("base"), medians("head")
print("| benchmark | before | after | after / before |\n|---|---:|---:|---:|")
for name in sorted(base.keys() & head.keys()):
    (before, unit), (after, _) = base[name], head[name]
    ratio = after / before if before else 1
    mark = " **slower**" if ratio > 1.15 else " **faster**" if ratio < 0.87 else ""
    print(f"| {name} | {before:.1f} {unit} | {after:.1f} {unit} | {ratio:.2f}{mark} |")
