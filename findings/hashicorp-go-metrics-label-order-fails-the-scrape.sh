#!/bin/sh
# hashicorp/go-metrics 0.7.0 (Go), Prometheus sink: labels in another order fail the whole scrape.
#
# Guess: a series is a name and a set of labels, as everywhere in Prometheus. Two places of a program that name the same
#   labels in another order count in one series.
# Truth: the sink looks for a series by its labels in the order of the call, so it makes two of one identity. No call
#   fails, but client_golang, which collects them, reports a duplicate, and its handler answers each scrape with 500: all
#   other metrics are gone as well.
#
# Seen (gauge "up", and two calls with disk=1 and node=2):
# > counter, same order: 200 ["reads{disk=\"1\",node=\"2\"} 2" "up 1"]
# > counter, other order: 500 ["was collected before with the same name and label values"]
# > gauge, same order: 200 ["reads{disk=\"1\",node=\"2\"} 1" "up 1"]
# > gauge, other order: 500 ["was collected before with the same name and label values"]
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
export GOMODCACHE="$dir/modules" GOFLAGS='-modcacherw -trimpath' GOTOOLCHAIN=local
go mod init finding 2>/dev/null
timeout 300 go get github.com/hashicorp/go-metrics/prometheus@v0.7.0 \
    github.com/prometheus/client_golang/prometheus/promhttp@v1.25.0 2>log || { cat log >&2; exit 1; }
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"net/http/httptest"
	"regexp"

	"github.com/hashicorp/go-metrics"
	sink "github.com/hashicorp/go-metrics/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	disk, node := metrics.Label{Name: "disk", Value: "1"}, metrics.Label{Name: "node", Value: "2"}
	lines := regexp.MustCompile(`(?m)^(up|reads)({.*}|) \d+$|was collected before.*`)
	for i, kind := range []string{"counter", "gauge"} {
		for order, second := range [][]metrics.Label{{disk, node}, {node, disk}} {
			registry, answer := prometheus.NewRegistry(), httptest.NewRecorder()
			to, _ := sink.NewPrometheusSinkFrom(sink.PrometheusOpts{Registerer: registry})
			count := []func([]string, float32, []metrics.Label){to.IncrCounterWithLabels, to.SetGaugeWithLabels}[i]
			to.SetGauge([]string{"up"}, 1)
			count([]string{"reads"}, 1, []metrics.Label{disk, node})
			count([]string{"reads"}, 1, second)
			promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
			fmt.Printf("%s, %s order: %d %q\n", kind, []string{"same", "other"}[order], answer.Code,
				lines.FindAllString(answer.Body.String(), -1))
		}
	}
}
EOF
out=$(timeout 900 go run .)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
