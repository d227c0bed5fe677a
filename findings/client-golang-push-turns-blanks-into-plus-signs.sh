#!/bin/sh
# client_golang 1.25.0 (Go): a blank in a job or grouping value of push.New() arrives as a plus sign.
#
# Guess: push.New(url, "night run") pushes to a path that decodes to "night run".
# Truth: the values are escaped as in a query, where a plus stands for a blank. In a path it does not: Go's own HTTP
#   server, and so the Pushgateway, reads the job "night+run". A client that writes %20 pushes to another group. A real
#   plus arrives as a plus, so a receiver cannot tell the two apart. A value that also has a slash arrives unharmed,
#   because it is sent in base64.
#
# Seen:
# > night run: sent night+run, read as "night+run"
# > night+run: sent night%2Brun, read as "night+run"
# > night/run now: sent bmlnaHQvcnVuIG5vdw, read as "night/run now"
# > night run, escaped by url.PathEscape: sent night%20run, read as "night run"
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
export GOMODCACHE="$dir/modules" GOFLAGS='-modcacherw -trimpath' GOTOOLCHAIN=local
go mod init finding 2>/dev/null
timeout 300 go get github.com/prometheus/client_golang/prometheus/push@v1.25.0 2>log || { cat log >&2; exit 1; }
cat >main.go <<'EOF'
package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
)

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		sent, read := path.Base(r.RequestURI), path.Base(r.URL.Path)
		if strings.HasPrefix(r.URL.Path, "/metrics/job@base64/") {
			plain, _ := base64.RawURLEncoding.DecodeString(read)
			read = string(plain)
		}
		fmt.Printf("sent %s, read as %q\n", sent, read)
	}))
	for _, job := range []string{"night run", "night+run", "night/run now"} {
		fmt.Print(job, ": ")
		push.New(server.URL, job).Gatherer(prometheus.NewRegistry()).Push()
	}
	fmt.Print("night run, escaped by url.PathEscape: ")
	http.Get(server.URL + "/metrics/job/" + url.PathEscape("night run"))
}
EOF
out=$(timeout 900 go run .)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
