#!/bin/sh
# prometheus-cpp 1.0.1 (Debian 12): Push() adds, PushAdd() replaces, and Delete() deletes another group.
#
# Guess: as in the clients for Go and Python, push is a PUT, which replaces the group, pushadd is a POST, which keeps
#   metrics of other names, and all calls of one Gateway are about one group.
# Truth: Push() sends POST and PushAdd() sends PUT, so a program that pushes a group in parts with PushAdd() keeps only the
#   last part. Delete() leaves out the grouping labels: it deletes the group of the job alone, and the pushed one stays.
#
# Seen:
# > Push: POST /metrics/job/backup/host/db1
# > PushAdd: PUT /metrics/job/backup/host/db1
# > Delete: DELETE /metrics/job/backup
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
timeout 300 apt-get -qq -o APT::Sandbox::User=root download prometheus-cpp-dev=1.0.1-1 \
    libprometheus-cpp-core1.0=1.0.1-1 libprometheus-cpp-push1.0=1.0.1-1
for package in *.deb; do dpkg-deb -x "$package" .; done
lib=$(dirname "$(find usr/lib -name 'libprometheus-cpp-push.so.1.0')")
cat >push.cpp <<'EOF'
#include <prometheus/gateway.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

int main(int, char** argv) {
    auto registry = std::make_shared<prometheus::Registry>();
    prometheus::BuildGauge().Name("jobs_done").Register(*registry).Add({}).Set(1);
    prometheus::Gateway gateway{"127.0.0.1", argv[1], "backup", {{"host", "db1"}}};
    gateway.RegisterCollectable(registry);
    gateway.Push();
    gateway.PushAdd();
    gateway.Delete();
}
EOF
g++ -std=c++17 -Iusr/include push.cpp -o push "$lib/libprometheus-cpp-push.so.1.0" "$lib/libprometheus-cpp-core.so.1.0"
out=$(LD_LIBRARY_PATH="$lib" timeout 60 python3 - <<'EOF'
import http.server, subprocess, threading
calls = iter(["Push", "PushAdd", "Delete"])
class Recorder(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        print(f"{next(calls)}: {self.command} {self.path}", flush=True)
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
    do_PUT = do_POST = do_DELETE = answer
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
threading.Thread(target=server.serve_forever, daemon=True).start()
subprocess.run(["./push", str(server.server_port)], check=True, timeout=30)
EOF
)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
