#!/usr/bin/env python3
"""试算一份报文：签名、发送、显示回执，什么也不存。正式发送时把 PATH 末尾的 /check 去掉。

用法：HUB_SECRET=密钥 python3 hub.py 报文文件        只用标准库，Python 3.6 起
"""
import base64
import hashlib
import hmac
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

BASE = "@BASE@"
KEY = "@KEY@"
PATH = "@PATH@"
CONTENT_TYPE = "@CONTENT_TYPE@"


def headers(method, path, query, body, secret):
    """四个签名头。query 不带问号；没有查询串就是空文字。"""
    timestamp, nonce = str(int(time.time())), uuid.uuid4().hex
    pairs = "&".join(sorted(pair for pair in query.split("&") if pair))
    digest = hashlib.sha256(body).hexdigest()
    text = "\n".join([method, path, pairs, KEY, timestamp, nonce, digest])
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return {
        "X-Hub-Key": KEY,
        "X-Hub-Timestamp": timestamp,
        "X-Hub-Nonce": nonce,
        "X-Hub-Signature": base64.b64encode(signature).decode(),
    }


def main():
    secret = os.environ.get("HUB_SECRET")
    if not secret:
        sys.exit("请先设置环境变量 HUB_SECRET，值为发放的密钥")
    with open(sys.argv[1] if len(sys.argv) > 1 else "@SAMPLE@", "rb") as file:
        body = file.read()
    request = urllib.request.Request(BASE + PATH, data=body, method="POST")
    request.add_header("Content-Type", CONTENT_TYPE)
    for name, value in headers("POST", PATH, "", body, secret).items():
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        # 退回也有回执：问题逐条写在 problems 里。
        status, text = refused.code, refused.read()
    sys.stdout.buffer.write(text + b"\n")
    if status >= 400:
        sys.exit("HTTP %d" % status)


main()
