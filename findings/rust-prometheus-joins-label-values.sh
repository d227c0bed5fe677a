#!/bin/sh
# prometheus 0.14.0 (Rust): node 1, disk 12 and node 11, disk 2 are one series.
#
# Guess: a vector has a series for each list of label values, as the vectors of the other Prometheus libraries have.
# Truth: a series is found by a hash of the values, one behind the other with nothing between them, and the values are
#   not compared. "1" and "12" have the hash of "11" and "2", so both count in the series that was first, whether values
#   are given in order or by name. To remove one is to remove both. Nothing fails, and numbers of one digit are right.
#
# Seen:
# > nodes and disks 1 to 9: 81 pairs counted, 81 series
# > nodes and disks 1 to 50: 2500 pairs counted, 2356 series
# > node 1, disk 12 twice, node 11, disk 2 once: reads{disk="12",node="1"} 3
# > node 11, disk 2 removed: 0 series
# > a histogram, both by name: seconds_count{disk="12",node="1"} 2
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
mkdir src
printf '[package]\nname = "finding"\nversion = "0.0.0"\nedition = "2021"\n' >Cargo.toml
printf '[dependencies]\nprometheus = { version = "=0.14.0", default-features = false }\n' >>Cargo.toml
cat >src/main.rs <<'EOF'
use prometheus::{core::Collector, histogram_opts, opts, CounterVec, HistogramVec, TextEncoder};
use std::collections::HashMap;

fn shown(vector: &dyn Collector, name: &str) -> String {
    let text = TextEncoder::new().encode_to_string(&vector.collect()).unwrap();
    text.lines().filter(|line| line.starts_with(name)).collect::<Vec<_>>().join("; ")
}

fn main() {
    let counters = || CounterVec::new(opts!("reads", "Reads."), &["node", "disk"]).unwrap();
    let series = |vector: &CounterVec| vector.collect()[0].get_metric().len();
    for last in [9, 50] {
        let vector = counters();
        let pairs = (1..=last).flat_map(|node| (1..=last).map(move |disk| [node, disk].map(|n: u32| n.to_string())));
        pairs.for_each(|pair| vector.with_label_values(&pair).inc());
        println!("nodes and disks 1 to {last}: {} pairs counted, {} series", last * last, series(&vector));
    }
    let vector = counters();
    [["1", "12"], ["1", "12"], ["11", "2"]].iter().for_each(|pair| vector.with_label_values(pair).inc());
    println!("node 1, disk 12 twice, node 11, disk 2 once: {}", shown(&vector, "reads{"));
    vector.remove_label_values(&["11", "2"]).unwrap();
    println!("node 11, disk 2 removed: {} series", series(&vector));
    let vector = HistogramVec::new(histogram_opts!("seconds", "Time."), &["node", "disk"]).unwrap();
    for (node, disk) in [("1", "12"), ("11", "2")] {
        vector.with(&HashMap::from([("node", node), ("disk", disk)])).observe(0.1);
    }
    println!("a histogram, both by name: {}", shown(&vector, "seconds_count"));
}
EOF
export CARGO_HOME="$dir/cargo" CARGO_TARGET_DIR="$dir/target"
timeout 300 cargo --quiet fetch
out=$(timeout 900 cargo --quiet run --offline)
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
