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
    # The mark by which `make clean-demo` knows the folder; one that was there before is not ours to remove.
    [ -d "$out" ] || { mkdir -p "$out" && touch "$out/.hub-demo"; }
    # Its own report names the folder before the renaming; what it made is printed below.
    "$hub" demo load --data "$data.loading" --out "$out" >/dev/null
    mv "$data.loading" "$data"
fi

echo
echo "  网页      http://127.0.0.1:$port/"
echo "  接口      http://127.0.0.1:$port/api/v1/    描述 http://127.0.0.1:$port/openapi.json"
echo "  数据目录  $data"
echo "  演示文书  $out"
find "$out" -maxdepth 1 -name '*.pdf' | sort | sed 's/^/    /'
if [ -f "$data/demo-logins.txt" ]; then
    echo "  演示账号（也在 $data/demo-logins.txt）："
    sed 's/^/    /' "$data/demo-logins.txt"
fi
echo "  按 Ctrl-C 停止；make clean-demo 删除演示数据。"
echo
exec "$hub" serve --data "$data" --listen "127.0.0.1:$port"
