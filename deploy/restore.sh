#!/bin/sh
# Restores one backup: deploy/restore.sh BACKUP
#
# BACKUP is a folder made by deploy/backup.sh. Stop the service first. Nothing that exists is overwritten: SQLite wants a data
# directory without a database, PostgreSQL an empty database. Settings as for backup.sh.
set -eu
from=$1 hub=${HUB:-hub}
umask 077

if [ ! -f "$from/hub.pgdump" ]; then
    exec "$hub" restore "$from"
fi

: "${HUB_DATABASE_URL:?请先设置 HUB_DATABASE_URL，指向一个新建的空库}"
(cd "$from" && sha256sum --quiet --check SHA256SUMS) || {
    echo "备份 $from 与校验清单不符，没有恢复。请换用另一份备份。" >&2
    exit 1
}
tables=$(psql --no-psqlrc --tuples-only --no-align --dbname "$HUB_DATABASE_URL" \
    --command "select count(*) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
if [ "$tables" != 0 ]; then
    echo "目标库不是空库（已有 $tables 张表），不会覆盖。请另建一个空库再恢复。" >&2
    exit 1
fi
data=${HUB_DATA:-data}
if [ -f "$from/secret.key" ]; then
    if [ -f "$data/secret.key" ] && ! cmp -s "$from/secret.key" "$data/secret.key"; then
        echo "$data/secret.key 与备份里的主密钥不同，不会覆盖。请先把它移走。" >&2
        exit 1
    fi
    mkdir -p "$data"
    cp "$from/secret.key" "$data/secret.key"
fi
pg_restore --no-owner --exit-on-error --single-transaction --dbname "$HUB_DATABASE_URL" "$from/hub.pgdump"
echo "已恢复。启动前请运行 hub migrate。"
