#!/bin/sh
exec wget -q -O - --tries=1 "--method=$1" "--body-file=$3" "$2"
