#!/bin/sh
# Removes what `make run` made, and nothing else, whatever DATA and OUT are set to: deploy/clean-demo.sh DATA OUT
set -eu
cd "$(dirname "$0")/.."
data=${1%/} out=${2%/}

# A folder goes only when it holds the file that the demo alone leaves there.
remove() {
    [ -d "$1" ] || return 0
    if [ -f "$1/$2" ]; then
        rm -rf "$1"
        echo "已删除 $1"
    else
        echo "$1 不是演示所建（其中没有 $2），未删除。" >&2
    fi
}

remove "$data" demo-logins.txt
remove "$data.loading" hub.db
remove "$out" .hub-demo
