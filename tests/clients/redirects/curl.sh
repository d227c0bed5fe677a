#!/bin/sh
# curl.sh METHOD URL FILE
exec curl -fsSL --path-as-is -X "$1" --data-binary "@$3" "$2"
