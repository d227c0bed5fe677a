#!/bin/sh
# protozero 1.7.1 (Debian 12): a submessage in which nothing is written is not written itself.
#
# Guess: a pbf_writer for a field of its parent writes the field with length 0 if nothing is added to it. Protobuf tells
#   an empty message from a missing one: in the metrics format, a metric with an empty counter is a counter of 0, and
#   a metric without a counter has no value.
# Truth: when it is closed, the writer removes the field again. The constructor that takes the length writes nothing for
#   length 0, either. add_message() with an empty string writes the field.
#
# Seen (field 3, the counter of a metric):
# > writer with a value: 1a 09 09 00 00 00 00 00 00 00 00
# > writer with nothing:
# > writer with nothing, length given:
# > add_message with nothing: 1a 00
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
timeout 300 apt-get -qq -o APT::Sandbox::User=root download libprotozero-dev=1.7.1-1
dpkg-deb -x libprotozero-dev*.deb .
cat >empty.cpp <<'EOF'
#include <protozero/pbf_writer.hpp>
#include <cstdio>
#include <string>

template <typename Write>
void show(char const* name, Write write) {
    std::string bytes;
    protozero::pbf_writer metric{bytes};
    write(metric);
    std::printf("%s:", name);
    for (unsigned char byte : bytes) std::printf(" %02x", byte);
    std::puts("");
}

int main() {
    using protozero::pbf_writer;
    show("writer with a value", [](pbf_writer& metric) { pbf_writer{metric, 3}.add_double(1, 0.0); });
    show("writer with nothing", [](pbf_writer& metric) { pbf_writer{metric, 3}; });
    show("writer with nothing, length given", [](pbf_writer& metric) { pbf_writer{metric, 3, 0}; });
    show("add_message with nothing", [](pbf_writer& metric) { metric.add_message(3, std::string{}); });
}
EOF
timeout 900 g++ -std=c++17 -Iusr/include empty.cpp -o empty
out=$(timeout 60 ./empty)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
