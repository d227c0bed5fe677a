#!/bin/sh
# A step that fails makes its script fail and is counted, whatever stands behind it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0
results=$work/steps.xml sh -eu -c '
    . "$1/script/steps.sh"
    step one true || true
    step two sh -c "echo why; false" || true
    skip three "it needs what is not here"
    finish_steps' sh "$1" >"$work/said" || status=$?
cat "$work/said"
[ "$status" = 1 ]
diff - "$work/said" <<'END'
ok      one
FAILED  two
        why
skipped three: it needs what is not here
1 passed, 1 failed
END
grep -q '"two" status="fail"' "$work/steps.xml"
