#!/bin/sh
# Serves a hub with demo data: deploy/run.sh DATA OUT PORT
#
# The first run loads the demo into a folder beside DATA and renames it when the load has finished, so that an
# interrupted load never passes for a finished one. Later runs start on what is there.
set -eu
cd "$(dirname "$0")/.."
data=${1%/} out=${2%/} port=$3
hub=target/release/hub

if [ ! -d "$data" ]; then
    rm -rf "$data.loading"
    echo "首次运行：向 $data 载入演示数据，各类文书各签发一份到 $out ……"
    "$hub" demo load --data "$data.loading" --out "$out"
    mv "$data.loading" "$data"
fi
exec "$hub" serve --data "$data" --listen "127.0.0.1:$port"
