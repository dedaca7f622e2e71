#!/bin/sh
# 试算一份报文：签名、发送、显示回执，什么也不存。正式发送时把 REQUEST_PATH 末尾的 /check 去掉。
# 用法：HUB_SECRET=密钥 sh hub.sh 报文文件        需要 curl 和 openssl
set -eu

BASE='@BASE@'
KEY='@KEY@'
REQUEST_PATH='@PATH@'
CONTENT_TYPE='@CONTENT_TYPE@'
: "${HUB_SECRET:?请先设置环境变量 HUB_SECRET，值为发放的密钥}"
FILE="${1:-@SAMPLE@}"

TIMESTAMP=$(date +%s)
NONCE=$(openssl rand -hex 16)
DIGEST=$(openssl dgst -sha256 -r "$FILE" | cut -d ' ' -f 1)

# 待签文本七行：方法、路径、查询串（这里为空）、密钥编号、时间、随机数、正文的 SHA-256
SIGNATURE=$(printf 'POST\n%s\n\n%s\n%s\n%s\n%s' "$REQUEST_PATH" "$KEY" "$TIMESTAMP" "$NONCE" "$DIGEST" \
    | openssl dgst -sha256 -hmac "$HUB_SECRET" -binary | openssl base64 -A)

curl --silent --show-error --request POST "$BASE$REQUEST_PATH" \
    --header "Content-Type: $CONTENT_TYPE" \
    --header "X-Hub-Key: $KEY" \
    --header "X-Hub-Timestamp: $TIMESTAMP" \
    --header "X-Hub-Nonce: $NONCE" \
    --header "X-Hub-Signature: $SIGNATURE" \
    --data-binary "@$FILE"
echo
