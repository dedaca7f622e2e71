#!/bin/sh
# Sends one message to the hub with a signed request: an example to copy from, and a tool to try a key with.
#
#   PARTNER_KEY=trial-8f3a21 PARTNER_SECRET=… deploy/send.sh http://127.0.0.1:8080/api/v1/exchange/PARTNER/MESSAGE FILE [TYPE]
#
# Append /check to the address for a dry run that stores nothing. TYPE is the content type, for example
# application/xml; charset=gbk. Needs curl and openssl. Ends with 0 when the hub took the message.
set -eu
url=$1 file=$2 type=${3:-application/octet-stream}

# The path and the query exactly as they are sent.
target=${url#*://*/}
case "$target" in
    *\?*) path=/${target%%\?*} query=$(printf %s "${target#*\?}" | tr '&' '\n' | LC_ALL=C sort | paste -s -d '&' -) ;;
    *) path=/$target query= ;;
esac
timestamp=$(date +%s)
nonce=$(openssl rand -hex 16)
digest=$(openssl dgst -sha256 -r "$file" | cut -d ' ' -f 1)

# Seven lines, no line break after the last; HMAC-SHA256 with the secret as issued, in Base64.
secret=$(printf %s "$PARTNER_SECRET" | od -An -v -tx1 | tr -d ' \n')
signature=$(printf '%s\n%s\n%s\n%s\n%s\n%s\n%s' POST "$path" "$query" "$PARTNER_KEY" "$timestamp" "$nonce" "$digest" |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$secret" -binary | openssl base64 -A)

# The hub answers with a receipt, or with an error that says what to mend; either is printed.
curl --silent --show-error --fail-with-body \
    --header "X-Hub-Key: $PARTNER_KEY" --header "X-Hub-Timestamp: $timestamp" \
    --header "X-Hub-Nonce: $nonce" --header "X-Hub-Signature: $signature" \
    --header "Content-Type: $type" --data-binary "@$file" "$url"
