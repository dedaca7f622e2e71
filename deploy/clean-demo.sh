#!/bin/sh
# Removes what `make run` made: deploy/clean-demo.sh DATA OUT
set -eu
cd "$(dirname "$0")/.."
data=${1%/} out=${2%/}

for folder in "$data" "$data.loading" "$out"; do
    [ -d "$folder" ] || continue
    # Only folders that a hub made are removed, whatever DATA and OUT were set to.
    case "$folder" in
        "$out") made=$(find "$folder" -maxdepth 1 -name '*.pdf' | head -n 1) ;;
        *) made=$(find "$folder" -maxdepth 1 -name 'hub.db' | head -n 1) ;;
    esac
    if [ -z "$made" ]; then
        echo "$folder 不像演示所建，未删除。" >&2
        continue
    fi
    rm -rf "$folder"
    echo "已删除 $folder"
done
