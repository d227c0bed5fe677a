#!/bin/sh
# wget.sh WGET METHOD URL FILE
exec "$1" -q -O - --tries=1 "--method=$2" "--body-file=$4" "$3"
