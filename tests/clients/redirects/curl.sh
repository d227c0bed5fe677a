#!/bin/sh
exec curl -fsSL --path-as-is -X "$1" --data-binary "@$3" "$2"
