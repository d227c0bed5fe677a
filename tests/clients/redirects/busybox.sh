#!/bin/sh
exec busybox wget -q -O - "--post-file=$3" "$2"
