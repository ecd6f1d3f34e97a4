#!/usr/bin/env bash
# Schemathesis' fuzzing phase, with its stateful phase left out, sends ids that it has read in earlier answers: where
# GET /keys lists keys, DELETE /keys/{id} is called with one of them.
#
# It matters to whoever fuzzes an API that makes credentials: the run may give up the very key that it speaks with, and
# what follows is a long row of 401 that counts as passed. A run with a fixed seed shows it now and then, since what has
# been read by when depends on timing.
#
# The documentation names reuse of responses under stateful testing, and lists extra data sources among the settings of
# the fuzzing phase.
set -euo pipefail

folder="$(mktemp -d)"
server=""
trap '[[ -z "$server" ]] || kill "$server" 2> server.err || true; rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check schemathesis==4.32.5

cat > server.py <<'PY'
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LISTED = ["key_7Q2M9X4T", "key_K5R8W1ZB"]
key = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
path_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
document = {
    "openapi": "3.1.0",
    "info": {"title": "Keys", "version": "1"},
    "paths": {
        "/keys": {
            "get": {
                "operationId": "listKeys",
                "responses": {
                    "200": {
                        "description": "all",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Key"}}},
                                }
                            }
                        },
                    }
                },
            }
        },
        "/keys/{id}": {
            "delete": {
                "operationId": "revokeKey",
                "parameters": [path_id],
                "responses": {"204": {"description": "gone"}, "404": {"description": "there is none"}},
            }
        },
    },
    "components": {"schemas": {"Key": key}},
}
revoked = open("revoked", "a", buffering=1)


class Keys(BaseHTTPRequestHandler):
    def answer(self, status, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/openapi.json":
            self.answer(200, document)
        else:
            self.answer(200, {"items": [{"id": one} for one in LISTED]})

    def do_DELETE(self):
        asked = self.path.rsplit("/", 1)[-1]
        if asked in LISTED:
            revoked.write(asked + "\n")
        self.answer(204 if asked in LISTED else 404)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
print(server.server_port, file=open("port", "w"), flush=True)
server.serve_forever()
PY
: > revoked
python/bin/python server.py &
server=$!
for _ in $(seq 60); do
  [[ -s port ]] && break
  sleep 0.5
done

python/bin/schemathesis run "http://127.0.0.1:$(cat port)/openapi.json" \
  --phases fuzzing --checks not_a_server_error --max-examples 100 --seed 1 --no-color > run.log 2>&1

python/bin/schemathesis --version
count="$(wc -l < revoked)"
echo "- calls of DELETE /keys/{id} with an id that GET /keys had answered, in the fuzzing phase alone"
echo "    expected: 0, as its ids are made up from the schema"
echo "    seen:     $count"
if [[ "$count" -eq 0 ]]; then
  echo "    CHANGED:  this script describes at least 1"
  exit 1
fi
