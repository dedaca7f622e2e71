#!/bin/sh
# One backup, then the old ones go: deploy/backup.sh DIR [DAYS]
#
# Makes DIR/hub-YYYYMMDD-HHMMSS and removes backups older than DAYS (30). Which hub: the settings `hub` itself reads
# (HUB_CONFIG, HUB_DATA, …). On PostgreSQL, HUB_DATABASE_URL must be in the environment and pg_dump installed; keep the
# password in ~/.pgpass rather than in the address, because other users of the machine see the arguments of pg_dump.
# HUB names the binary when it is not on the path.
set -eu
to=$1 days=${2:-30} hub=${HUB:-hub}
umask 077
mkdir -p "$to"

case "${HUB_DATABASE_URL:-}" in
    postgres://* | postgresql://*)
        name=hub-$(TZ=Asia/Shanghai date +%Y%m%d-%H%M%S)
        unfinished=$to/.$name.part
        trap 'rm -rf "$unfinished"' EXIT
        mkdir "$unfinished"
        pg_dump --format=custom --no-owner --file "$unfinished/hub.pgdump" "$HUB_DATABASE_URL"
        key=${HUB_DATA:-data}/secret.key
        if [ -z "${HUB_SECRET:-}" ] && [ -f "$key" ]; then
            cp "$key" "$unfinished/secret.key"
        fi
        (cd "$unfinished" && sha256sum -- * >SHA256SUMS)
        sync "$unfinished"/*
        mv "$unfinished" "$to/$name"
        echo "已备份到 $to/$name"
        ;;
    *)
        "$hub" backup "$to"
        ;;
esac

# Only after a backup that succeeded, and only what bears the name of one.
find "$to" -mindepth 1 -maxdepth 1 -type d -mtime "+$days" \
    -name 'hub-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9]' -exec rm -rf {} +
