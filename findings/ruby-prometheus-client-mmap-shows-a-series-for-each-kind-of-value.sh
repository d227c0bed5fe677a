#!/bin/sh
# prometheus-client-mmap 0.16.2 (Debian 12, Ruby): the label values 200 and "200" are two series, shown as one twice.
#
# Guess: label values are text. The client takes numbers, symbols, booleans and nil and turns them into text, so that a
#   status counts in one series whether it came as a number or, from a header, as a string.
# Truth: a value is kept as JSON until it is shown. In JSON a symbol is a string, but 200 and "200", nil and "", true and
#   "true" differ, while the output is the same: two lines with one series, each with a part of the count. Prometheus
#   takes the first and warns. Of a gauge with the mode "max" both values are shown.
#
# Seen (a counter for each value in turn, then a gauge with the mode "max" that is set to 5 and to 3):
# > "200" "200": jobs{code="200"} 2
# > "ok" :ok: jobs{code="ok"} 2
# > 200 "200": jobs{code="200"} 1, jobs{code="200"} 1
# > 200 200.0: jobs{code="200"} 1, jobs{code="200.0"} 1
# > nil "": jobs{code=""} 1, jobs{code=""} 1
# > true "true": jobs{code="true"} 1, jobs{code="true"} 1
# > max of 200 "200": top{code="200"} 3, top{code="200"} 5
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
timeout 300 apt-get -qq -o APT::Sandbox::User=root download ruby-prometheus-client-mmap=0.16.2-1+b2 \
    ruby3.1=3.1.7+really3.1.2-0+deb12u1 libruby3.1=3.1.7+really3.1.2-0+deb12u1
for package in *.deb; do dpkg-deb -x "$package" .; done
lib=$(dirname "$(find usr/lib -name 'libruby-3.1.so.3.1')")
cat >values.rb <<'EOF'
module Gem; end
require 'rubygems/deprecate'
require 'prometheus/client'
require 'prometheus/client/formats/text'

def show(what, *values)
  Dir.mkdir('values')
  Process.wait(fork do
    Prometheus::Client.configuration.multiprocess_files_dir = 'values'
    yield Prometheus::Client::Registry.new, values
  end)
  lines = Prometheus::Client::Formats::Text.marshal_multiprocess('values').lines.grep_v(/^#/).map(&:chomp).sort
  puts "#{what}#{values.map(&:inspect).join(' ')}: #{lines.join(', ')}"
  system('rm', '-r', 'values')
end

[%w[200 200], ['ok', :ok], [200, '200'], [200, 200.0], [nil, ''], [true, 'true']].each do |pair|
  show('', *pair) { |registry, values| jobs = registry.counter(:jobs, 'Jobs.'); values.each { |code| jobs.increment(code: code) } }
end
show('max of ', 200, '200') do |registry, (first, second)|
  top = registry.gauge(:top, 'Top.', {}, :max)
  top.set({ code: first }, 5)
  top.set({ code: second }, 3)
end
EOF
paths="-I usr/lib/ruby/3.1.0 -I $lib/ruby/3.1.0 -I usr/lib/ruby/vendor_ruby -I $lib/ruby/vendor_ruby/3.1.0"
# shellcheck disable=SC2086
out=$(LD_LIBRARY_PATH="$lib" timeout 60 usr/bin/ruby3.1 --disable-gems $paths values.rb)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
