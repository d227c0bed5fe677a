#!/bin/sh
# client.sh ADDRESS PHASE: the commands that people type.
set -eu
url=http://$1/metrics/job/client/instance/curl

case $2 in
push)
    cat <<'METRICS' | curl -fsS --data-binary @- "$url"
# TYPE client_jobs_total counter
# HELP client_jobs_total Jobs done.
client_jobs_total{kind="a"} 4
# TYPE client_temperature gauge
client_temperature 21.5
# TYPE client_size histogram
client_size_bucket{le="0.5"} 1
client_size_bucket{le="+Inf"} 3
client_size_sum 3
client_size_count 3
# TYPE client_time summary
client_time{quantile="0.5"} 1
client_time_sum 4
client_time_count 2
METRICS
    echo "client_untyped 3.14" | curl -fsS --data-binary @- "$url"
    ;;
replace)
    echo "client_untyped 2" | gzip | curl -fsS -X PUT -H 'Content-Encoding: gzip' --data-binary @- "$url"
    ;;
zstd)
    echo "client_untyped 7" | zstd -q | curl -fsS -X PUT -H 'Content-Encoding: zstd' --data-binary @- "$url"
    curl -fsS --compressed -H 'Accept-Encoding: zstd' "http://$1/metrics" | grep '^client_untyped{.*} 7$' >/dev/null
    ;;
delete)
    curl -fsS -X DELETE "$url"
    ;;
esac
