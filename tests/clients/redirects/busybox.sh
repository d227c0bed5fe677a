#!/bin/sh
# busybox.sh BUSYBOX METHOD URL FILE: its wget knows no other method with a body than POST.
exec "$1" wget -q -O - "--post-file=$4" "$3"
