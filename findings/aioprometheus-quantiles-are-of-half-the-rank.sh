#!/bin/sh
# aioprometheus 23.12.0 with quantile-python 1.1 (PyPI): what a summary calls the 0.99 quantile is about the median.
#
# Guess: a summary estimates its quantiles as exactly as it says: 0.99 within 0.001, 0.9 within 0.01, 0.5 within 0.05.
#   Sum and count are right, and the quantiles rise with what is observed, so they look right, too.
# Truth: the estimator takes values in sorted batches of 512 and keeps a value twice if it is beyond those that it
#   has, but counts it once. In the first batch these are all but one. The rank that it looks for is then that of half the
#   quantile: 0.5 shows the first quartile and 0.99 the median. If values go on rising, so does this; of others the error
#   depends on their order. One value alone is right. quantile-estimator 0.1.3, which prometheus-summary uses, has the
#   same origin, but counts all that it keeps.
#
# Seen (quantiles 0.5, 0.9, 0.99, in parentheses those of the other estimator):
# > 7: 7 (7), 7 (7), 7 (7); count 1, sum 7
# > 1 to 10: 3 (6), 6 (10), 6 (10); count 10, sum 55
# > 1 to 100: 27 (55), 45 (91), 51 (100); count 100, sum 5050
# > 100 to 1: 27 (55), 45 (91), 51 (100); count 100, sum 5050
# > 40 times 1, 60 times 50: 1 (50), 50 (50), 50 (50); count 100, sum 3040
# > 1 to 9999: 2273 (5291), 4504 (9093), 4952 (9907); count 9999, sum 49995000
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 python3 -m pip -q --disable-pip-version-check install --root-user-action=ignore --no-deps \
    --target "$dir" aioprometheus==23.12.0 quantile-python==1.1 orjson==3.13.0 quantile-estimator==0.1.3

out=$(PYTHONPATH="$dir" timeout 60 python3 - <<'EOF'
from aioprometheus import Registry, Summary
from quantile_estimator import Estimator

def show(what, values):
    other = Estimator(*Summary.DEFAULT_INVARIANTS)
    summary = Summary("seconds", "Time.", registry=Registry())
    for value in values:
        summary.observe({}, value)
        other.observe(value)
    shown = summary.get({})
    quantiles = ", ".join(f"{shown[q]:g} ({other.query(q):g})" for q in (0.5, 0.9, 0.99))
    print(f"{what}: {quantiles}; count {shown['count']}, sum {shown['sum']:.0f}")

show("7", [7])
show("1 to 10", range(1, 11))
show("1 to 100", range(1, 101))
show("100 to 1", range(100, 0, -1))
show("40 times 1, 60 times 50", [1] * 40 + [50] * 60)
show("1 to 9999", range(1, 10000))
EOF
)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
