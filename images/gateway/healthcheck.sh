#!/bin/sh
# Exit 0 when the worker answers HTTP on its own health listener.
printf 'GET /healthz HTTP/1.0\r\n\r\n' | socat -t2 -T2 - TCP:127.0.0.1:8404,connect-timeout=2 | grep -q '^HTTP/1.[01] 200 '
