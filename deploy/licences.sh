#!/bin/sh
# Lists everything of others that the hub holds, links or ships with, and its licence, as Markdown on stdout.
#
#   make licences                       rewrites docs/third-party.md
#   deploy/licences.sh texts DIR        copies the licence files of the linked crates into DIR (for packages)
#
# Reads Cargo.lock through cargo, assets/fonts.toml and assets/vendor/VENDOR.md; needs no network once crates are fetched.
set -eu
cd "$(dirname "$0")/.."

# name version|licence|repository of every crate whose code ends up in the binary
crates() {
    cargo tree --locked --all-features --edges normal,no-proc-macro --target x86_64-unknown-linux-gnu --prefix none \
        --format '{p}|{l}|{r}' |
        sed -e 's/ (\*)//' -e 's#\([^ ]*\) v\([^ |]*\)[^|]*#\1 \2#' |
        grep -v '^hub ' | LC_ALL=C sort -u
}

if [ "${1:-}" = texts ]; then
    to=$2
    mkdir -p "$to"
    registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
    crates | while IFS='| ' read -r name version _; do
        for file in "$registry"/*/"$name-$version"/[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]* \
            "$registry"/*/"$name-$version"/COPYING* "$registry"/*/"$name-$version"/COPYRIGHT* \
            "$registry"/*/"$name-$version"/NOTICE* "$registry"/*/"$name-$version"/UNLICENSE*; do
            if [ -f "$file" ]; then cp "$file" "$to/$name-$version.$(basename "$file")"; fi
        done
    done
    exit 0
fi

cat <<'TXT'
# 第三方组成与许可

本表由 `make licences` 生成，请勿手改；`tests/it/deploy.rs` 核对它与 `Cargo.lock` 一致。中枢自身以 Apache-2.0 发布（见 `LICENSE`）。

## 字体

字体是各自许可下的独立数据文件，不入库、不编进程序；由 `deploy/fonts.sh` 从 Debian 软件包取来，许可原文随字体放在同一目录。
文书 PDF 只嵌入用到的字形子集。

| 文件 | Debian 软件包 | 许可 |
|---|---|---|
TXT
awk -F'"' '
    /^file = /    { file = $2 }
    /^package = / { package = $2 }
    /^licence = / { print "| `" file "` | " package " | " $2 " |" }
' assets/fonts.toml

cat <<'TXT'

## 网页脚本

| 文件 | 来源 | 许可 |
|---|---|---|
TXT
awk -F' *[|] *' '/^[|] `/ { print "| `assets/vendor/" substr($2, 2) " | " $3 " | " $4 " |" }' assets/vendor/VENDOR.md

cat <<'TXT'

## C 语言库

| 库 | 用处 | 如何链接 | 许可 |
|---|---|---|---|
| SQLite | 默认数据库 | 编进程序（`libsqlite3-sys`） | 公有领域 |
| OpenSSL 3 | TLS、摘要、签名 | 系统动态库；`make package` 的安装包编进程序 | Apache-2.0 |
| PostgreSQL libpq | 连接 PostgreSQL | 系统动态库；`make package` 的安装包编进程序 | PostgreSQL |

## Rust 软件包

编进程序的全部软件包（不含只在编译时用到的）。许可写作“A OR B”或“A/B”的任选其一。

| 软件包 | 版本 | 许可 | 来源 |
|---|---|---|---|
TXT
crates | awk -F'|' '{ split($1, it, " "); print "| " it[1] " | " it[2] " | " $2 " | " $3 " |" }'
