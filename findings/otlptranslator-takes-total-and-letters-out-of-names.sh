#!/bin/sh
# otlptranslator 1.0.0 (Go), with which Prometheus names what it receives by OTLP: translation drops parts of names.
#
# Guess: the default strategy replaces the characters that a name may not have and appends unit and "total" unless the
#   name ends in them. A name of which no letter is left is an error.
# Truth: the word "total" of a counter is removed wherever it stands and appended, so "requests" and "total.requests"
#   become one metric. Of a name in another script only the unit is left: all gauges in degrees are called "celsius".
#   It is an error only if there is no unit. The strategy that keeps UTF-8 keeps these names apart.
#
# Seen (default strategy; the one that keeps UTF-8):
# > counter requests: requests_total; requests_total
# > counter requests.total: requests_total; requests_total
# > counter total.requests: requests_total; total.requests_total
# > gauge total.requests: total_requests; total.requests
# > gauge 温度 Cel: celsius; 温度_celsius
# > gauge 湿度 Cel: celsius; 湿度_celsius
# > gauge 温度: error; 温度
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
export GOMODCACHE="$dir/modules" GOFLAGS='-modcacherw -trimpath' GOTOOLCHAIN=local
go mod init finding 2>/dev/null
timeout 300 go get github.com/prometheus/otlptranslator@v1.0.0 2>log || { cat log >&2; exit 1; }
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"strings"

	"github.com/prometheus/otlptranslator"
)

func main() {
	const counter, gauge = otlptranslator.MetricTypeMonotonicCounter, otlptranslator.MetricTypeGauge
	for _, m := range []otlptranslator.Metric{
		{Name: "requests", Type: counter}, {Name: "requests.total", Type: counter}, {Name: "total.requests", Type: counter},
		{Name: "total.requests", Type: gauge}, {Name: "温度", Type: gauge, Unit: "Cel"}, {Name: "湿度", Type: gauge, Unit: "Cel"},
		{Name: "温度", Type: gauge},
	} {
		show := func(s otlptranslator.TranslationStrategyOption) string {
			namer := otlptranslator.NewMetricNamer("", s)
			name, err := namer.Build(m)
			return map[bool]string{true: name, false: "error"}[err == nil]
		}
		kind := map[otlptranslator.MetricType]string{counter: "counter", gauge: "gauge"}[m.Type]
		fmt.Printf("%s: %s; %s\n", strings.TrimSpace(kind+" "+m.Name+" "+m.Unit),
			show(otlptranslator.UnderscoreEscapingWithSuffixes), show(otlptranslator.NoUTF8EscapingWithSuffixes))
	}
}
EOF
out=$(timeout 900 go run .)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
