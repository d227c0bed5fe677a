#!/bin/sh
# statsd_exporter 0.31.0 (Go), package pkg/mapper: a mapping of match_type "regex" matches a part of the StatsD name.
#
# Guess: a mapping is for whole names. With the glob jobs.*.done it is, and everywhere else in Prometheus (relabelling,
#   selectors, alert routes) a regular expression must match the whole value.
# Truth: the expression is searched for anywhere in the name, and the rest of the name is dropped. Other StatsD names with
#   such a part count in the same series, under labels that look right, and an expression of their own behind it is never
#   used. With ^ and $ it is as the glob.
#
# Seen (name of the mapping and label, by a glob, an expression, and the same with ^ and $):
# > jobs.a.done: glob a, regex a, anchored a
# > jobs.a.done.late: -, regex a, -
# > jobs.a.done_seconds: -, regex a, -
# > failedjobs.a.done: -, regex a, -
# > jobs.a.done.late with its own expression: before the other late a, behind it regex a, behind the anchored one late a
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
export GOMODCACHE="$dir/modules" GOFLAGS='-modcacherw -trimpath' GOTOOLCHAIN=local
go mod init finding 2>/dev/null
timeout 300 go get github.com/prometheus/statsd_exporter/pkg/mapper@v0.31.0 2>log || { cat log >&2; exit 1; }
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"github.com/prometheus/statsd_exporter/pkg/mapper"
)

const glob = "- {match: jobs.*.done, name: glob, labels: {job: $1}}\n"
const regex = "- {match: 'jobs\\.(\\w+)\\.done', match_type: regex, name: regex, labels: {job: $1}}\n"
const anchored = "- {match: '^jobs\\.(\\w+)\\.done$', match_type: regex, name: anchored, labels: {job: $1}}\n"

func mapped(mappings, name string) string {
	var m mapper.MetricMapper
	if err := m.InitFromYAMLString("mappings:\n" + mappings); err != nil {
		panic(err)
	}
	if to, labels, found := m.GetMapping(name, mapper.MetricTypeCounter); found {
		return to.Name + " " + labels["job"]
	}
	return "-"
}

func main() {
	for _, name := range []string{"jobs.a.done", "jobs.a.done.late", "jobs.a.done_seconds", "failedjobs.a.done"} {
		fmt.Printf("%s: %s, %s, %s\n", name, mapped(glob, name), mapped(regex, name), mapped(anchored, name))
	}
	late := "- {match: 'jobs\\.(\\w+)\\.done\\.late', match_type: regex, name: late, labels: {job: $1}}\n"
	fmt.Printf("jobs.a.done.late with its own expression: before the other %s, behind it %s, behind the anchored one %s\n",
		mapped(late+regex, "jobs.a.done.late"), mapped(regex+late, "jobs.a.done.late"), mapped(anchored+late, "jobs.a.done.late"))
}
EOF
out=$(timeout 900 go run .)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
