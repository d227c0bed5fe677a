# shellcheck shell=sh
# For script/chart and script/image: steps that are counted and told. Sourced with $results, the name of the XML file to
# write, and $root set.
steps_failed=0
steps_done=0
steps_file=${results:?}
mkdir -p "$(dirname "$steps_file")"
echo '<testsuite>' >"$steps_file"

# step NAME COMMAND...: runs the command silently, and prints what it said only if it fails.
step() {
    steps_name=$1
    shift
    steps_done=$((steps_done + 1))
    if "$@" >"$steps_file.log" 2>&1; then
        echo "ok      $steps_name"
        echo "<testcase name=\"$steps_name\" status=\"run\"/>" >>"$steps_file"
        return 0
    fi
    steps_failed=$((steps_failed + 1))
    echo "FAILED  $steps_name"
    sed 's/^/        /' "$steps_file.log" | tail -n 60
    echo "<testcase name=\"$steps_name\" status=\"fail\"/>" >>"$steps_file"
    return 1
}

# skip NAME REASON: a step that cannot be taken here.
skip() {
    echo "skipped $1: $2"
    echo "<testcase name=\"$1\" status=\"disabled\"/>" >>"$steps_file"
}

# Ends the script; its status is 1 if a step failed.
finish_steps() {
    echo '</testsuite>' >>"$steps_file"
    rm -f "$steps_file.log"
    echo "$((steps_done - steps_failed)) passed, $steps_failed failed"
    [ "$steps_failed" -eq 0 ]
    exit
}
