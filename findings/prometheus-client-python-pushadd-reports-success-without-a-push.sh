#!/bin/sh
# prometheus_client 0.26.0 (PyPI): behind a redirect, pushadd_to_gateway() returns normally without having pushed.
#
# Guess: push_to_gateway() and pushadd_to_gateway() differ in their method only (PUT and POST), so behind a redirect both
#   work or both fail.
# Truth: on a 301 the PUT raises HTTPError, while the POST is followed by a GET without the metrics. If that is answered
#   with 200, as a page or a scrape is, the function returns as if it had pushed. On a 307 both raise.
#
# Seen:
# > 301 push_to_gateway: HTTPError; server got PUT with metrics
# > 301 pushadd_to_gateway: returned; server got POST with metrics, then GET without
# > 307 push_to_gateway: HTTPError; server got PUT with metrics
# > 307 pushadd_to_gateway: HTTPError; server got POST with metrics
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
timeout 300 python3 -m pip -q --disable-pip-version-check install --root-user-action=ignore --no-deps \
    --target "$dir" prometheus_client==0.26.0

out=$(PYTHONPATH="$dir" timeout 60 python3 - <<'EOF'
import http.server, threading, urllib.error
from prometheus_client import CollectorRegistry, Gauge, push_to_gateway, pushadd_to_gateway

got, status = [], 0

class Redirecting(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        got.append(f"{self.command} {'with metrics' if b'jobs_done 1.0' in body else 'without'}")
        moved = not self.path.startswith("/new/")
        self.send_response(status if moved else 200)
        if moved:
            self.send_header("Location", "/new" + self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_GET = do_PUT = do_POST = answer
    def log_message(self, *_): pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirecting)
threading.Thread(target=server.serve_forever, daemon=True).start()
registry = CollectorRegistry()
Gauge("jobs_done", "Jobs done.", registry=registry).set(1)
for status in 301, 307:
    for push in push_to_gateway, pushadd_to_gateway:
        got.clear()
        try:
            push(f"127.0.0.1:{server.server_port}", "backup", registry, timeout=10)
            outcome = "returned"
        except urllib.error.HTTPError:
            outcome = "HTTPError"
        print(f"{status} {push.__name__}: {outcome}; server got {', then '.join(got)}")
EOF
)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
