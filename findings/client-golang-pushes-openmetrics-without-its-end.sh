#!/bin/sh
# client_golang 1.25.0 (Go): a push in OpenMetrics lacks the line "# EOF", with which that format must end.
#
# Guess: push.Pusher and promhttp.Handler use one encoder, so both send complete expositions.
# Truth: the encoder writes "# EOF" when it is closed, and only the handler closes it. A receiver that takes a missing
#   "# EOF" for a truncated body, as OpenMetrics asks, reads every scrape of a program and refuses every push of it.
#
# Seen:
# > pushed, application/openmetrics-text: ends in "jobs_done 0.0\n"
# > scraped, application/openmetrics-text: ends in "# EOF\n"
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
export GOMODCACHE="$dir/modules" GOFLAGS='-modcacherw -trimpath' GOTOOLCHAIN=local
go mod init finding 2>/dev/null
timeout 300 go get github.com/prometheus/client_golang/prometheus/push@v1.25.0 \
    github.com/prometheus/client_golang/prometheus/promhttp@v1.25.0 github.com/prometheus/common/expfmt@v0.74.0 2>log ||
    { cat log >&2; exit 1; }
cat >main.go <<'EOF'
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/prometheus/common/expfmt"
)

func show(how string, header http.Header, body io.Reader) {
	text, _ := io.ReadAll(body)
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	lines := strings.SplitAfter(string(text), "\n")
	fmt.Printf("%s, %s: ends in %q\n", how, kind, lines[len(lines)-2])
}

func main() {
	registry := prometheus.NewRegistry()
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "jobs_done", Help: "Jobs done."})
	registry.MustRegister(gauge)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { show("pushed", r.Header, r.Body) }))
	push.New(server.URL, "backup").Gatherer(registry).Format(expfmt.FmtOpenMetrics_1_0_0).Push()
	request, answer := httptest.NewRequest("GET", "/metrics", nil), httptest.NewRecorder()
	request.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(answer, request)
	show("scraped", answer.Header(), answer.Body)
}
EOF
out=$(timeout 900 go run .)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
