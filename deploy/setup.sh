#!/bin/sh
# Installs what this machine lacks, from Debian's own packages.
#
#   deploy/setup.sh build   libraries the hub is linked against
#   deploy/setup.sh run     build + the fonts that documents are set in
#   deploy/setup.sh test    build + what the tests drive: PostgreSQL, Chromium, Python, PDF readers
#
# Asks dpkg first, so with everything present it costs some milliseconds and needs neither root nor a network.
set -eu
cd "$(dirname "$0")/.."

build='libssl-dev libpq-dev pkg-config'
test='curl openssl python3 postgresql chromium chromium-driver poppler-utils qpdf zbar-tools fonts-wqy-microhei'

case "${1:-}" in
    build) wanted=$build fonts=no ;;
    run) wanted=$build fonts=yes ;;
    test) wanted="$build $test" fonts=no ;;
    *) echo "用法：deploy/setup.sh build|run|test" >&2; exit 2 ;;
esac

if ! command -v cargo >/dev/null; then
    echo "没有找到 Rust 工具链（cargo）。请先按 https://rustup.rs 安装 1.95 或更高版本，再重试。" >&2
    exit 1
fi
if ! command -v dpkg-query >/dev/null; then
    echo "本机不是 Debian 系统，请自行安装与下列 Debian 软件包相当的软件：$wanted" >&2
    wanted=
fi

missing=
for package in $wanted; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ]; then
        root=
    elif command -v sudo >/dev/null; then
        root=sudo
    else
        echo "缺少软件包：$missing" >&2
        echo "请以 root 执行：apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    echo "安装软件包：$missing"
    install="$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends"
    # The package lists of a fresh machine are empty, those of an old one name versions that are gone:
    # refresh them only when the first try shows that it is needed.
    # shellcheck disable=SC2086 # both are word lists
    if ! $install $missing; then
        $root apt-get update -q
        $install $missing
    fi
fi

[ "$fonts" = no ] || deploy/fonts.sh
