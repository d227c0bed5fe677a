#!/bin/sh
# Prometheus::Tiny 0.010 (Debian 12, Perl): the buckets of a histogram are sorted as text.
#
# Guess: buckets are written in the order of their bounds, as declared and as the text format asks for, so that the counts
#   never decrease from one line to the next.
# Truth: sample lines are sorted as strings; only +Inf is put last. Bounds below 10 do not show it, but the library's own
#   default bounds end with 10, which is written before 2.5.
#
# Seen (le=count), for the observations 0.3, 3 and 8:
# > bounds 0.1 0.5 1: 0.1=0 0.5=1 1=1 +Inf=3
# > bounds 1 5 10: 1=1 10=3 5=2 +Inf=3
# > default bounds, from 1 on: 1=1 10=3 2.5=1 5=2 7.5=2 +Inf=3
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
timeout 300 apt-get -qq -o APT::Sandbox::User=root download libprometheus-tiny-perl=0.010-1
dpkg-deb -x libprometheus-tiny-perl*.deb .
out=$(timeout 60 perl -Iusr/share/perl5 - <<'EOF'
use strict;
use warnings;
use Prometheus::Tiny;

sub show {
    my ($name, $least, @bounds) = @_;
    my $registry = Prometheus::Tiny->new;
    $registry->declare('wait_seconds', type => 'histogram', @bounds ? (buckets => \@bounds) : ());
    $registry->histogram_observe('wait_seconds', $_) for 0.3, 3, 8;
    my @buckets = $registry->format =~ /^wait_seconds_bucket\{le="([^"]+)"\} (\d+)$/mg;
    print "$name:";
    while (my ($bound, $count) = splice @buckets, 0, 2) {
        print " $bound=$count" if $bound eq '+Inf' or $bound >= $least;
    }
    print "\n";
}

show('bounds 0.1 0.5 1', 0, 0.1, 0.5, 1);
show('bounds 1 5 10', 0, 1, 5, 10);
show('default bounds, from 1 on', 1);
EOF
)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
