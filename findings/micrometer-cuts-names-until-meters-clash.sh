#!/bin/sh
# micrometer-registry-prometheus 1.17.2 (Java): "total", "created", "bucket" and "info" are cut off the end of names.
#
# Guess: dots become underscores, counters get _total, and apart from that a meter keeps its name.
# Truth: these words are cut off the names of gauges, too. files.total and files.created are both shown as "files", so the
#   one that is registered second is missing from the scrape. No call fails, and the second counter counts on unseen;
#   only the log has a warning. Other reserved endings, such as "count", stay.
#
# Seen (meters in the order of their registration, each set to the length of its name, and what the scrape shows):
# > gauges files.size, files.count: files_count 11.0, files_size 10.0
# > gauges files.total, files.created: files 11.0
# > gauges queue.bucket: queue 12.0
# > counters jobs.failed, jobs.done: jobs_done_total 9.0, jobs_failed_total 11.0
# > counters jobs.created, jobs.total, jobs.info: jobs_total 12.0
set -eu
seen=$(sed -n 's/^# > //p' "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
cd "$dir"
cat >pom.xml <<'EOF'
<project><modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies><dependency><groupId>io.micrometer</groupId>
    <artifactId>micrometer-registry-prometheus</artifactId><version>1.17.2</version></dependency></dependencies>
</project>
EOF
timeout 600 mvn -q -B -Dmaven.repo.local="$dir/repository" -Dmdep.outputFile=classpath \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath >log 2>&1 || { cat log >&2; exit 1; }
cat >Names.java <<'EOF'
import io.micrometer.core.instrument.*;
import io.micrometer.prometheusmetrics.*;
import java.util.function.BiConsumer;

public class Names {
    static void show(String kind, BiConsumer<MeterRegistry, String> register, String... names) {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        for (var name : names) register.accept(registry, name);
        var lines = registry.scrape().lines().filter(line -> !line.startsWith("#")).toList();
        System.out.println(kind + " " + String.join(", ", names) + ": " + String.join(", ", lines));
    }
    public static void main(String[] arguments) {
        BiConsumer<MeterRegistry, String> gauge = (registry, name) -> Gauge.builder(name, name::length).register(registry);
        BiConsumer<MeterRegistry, String> counter = (registry, name) -> registry.counter(name).increment(name.length());
        show("gauges", gauge, "files.size", "files.count");
        show("gauges", gauge, "files.total", "files.created");
        show("gauges", gauge, "queue.bucket");
        show("counters", counter, "jobs.failed", "jobs.done");
        show("counters", counter, "jobs.created", "jobs.total", "jobs.info");
    }
}
EOF
out=$(timeout 300 java -cp "$(cat classpath)" Names.java 2>warnings) || { cat warnings >&2; exit 1; }
printf '%s\n' "$out"
[ "$out" = "$seen" ] || { echo 'This has changed.' >&2; exit 1; }
