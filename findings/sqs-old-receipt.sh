#!/usr/bin/env bash
# A worker that was too slow deletes its message with the receipt handle of before, after the message was
# delivered again. Three stand-ins for SQS give three answers: moto says yes and deletes, fauxqs says yes
# and keeps it, ministack says ReceiptHandleIsInvalid and keeps it.
#
# It matters for at-least-once handlers: under moto the slow worker's delete wins, so a test never sees the
# second delivery that production brings, and under ministack the handler runs into an error that production
# does not have.
#
# The API reference of DeleteMessage says of standard queues that a delete with an old handle succeeds and
# the message may be left in the queue. fauxqs is nearest to it. None of the three documents its choice.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[sqs]==5.2.5' ministack==1.5.33 boto3==1.43.106

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund fauxqs@1.9.2

server="" ; other=""
trap '[[ -z "$server" ]] || kill "$server" "$other" 2> server.err || true; rm -rf "$folder"' EXIT
free() { python/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port="$(free)" second="$(free)"
export port second
BIND_HOST=127.0.0.1 MINISTACK_HOST=127.0.0.1 GATEWAY_PORT="$port" python/bin/ministack > server.log 2>&1 &
server=$!
node -e "import('fauxqs').then(({ startFauxqs }) => startFauxqs({ port: $second, host: '127.0.0.1', logger: false }))" > other.log 2>&1 &
other=$!
for _ in $(seq 60); do
  python/bin/python -c "import socket; [socket.create_connection(('127.0.0.1', at), 1) for at in ($port, $second)]" 2> wait.err && break
  sleep 0.5
done
echo "fauxqs $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/fauxqs/package.json")).version')"

cat > look.py <<'PY'
import os
import time
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws
import sys
from importlib.metadata import version


changed = False


def versions(*names):
    print(f"Python {sys.version.split()[0]}; " + ", ".join(f"{name} {version(name)}" for name in names))


def seen(what, expected, got, described):
    """Prints one observation; `described` is what this script says comes out."""
    global changed
    print(f"- {what}\n    expected: {expected}\n    seen:     {got}")
    if str(got) != str(described):
        changed = True
        print(f"    CHANGED:  this script describes {described}")


def said(act):
    try:
        return act()
    except Exception as error:
        return f"refused: {str(error).splitlines()[0]}"


def close():
    sys.exit(1 if changed else 0)


versions("moto", "ministack", "boto3")


def look(name, address, answered, left):
    client = boto3.client(
        "sqs",
        endpoint_url=address,
        region_name="eu-west-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(retries={"max_attempts": 1}),
    )
    queue = client.create_queue(QueueName="purchases", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
    client.send_message(QueueUrl=queue, MessageBody="one purchase")
    slow = client.receive_message(QueueUrl=queue)["Messages"][0]["ReceiptHandle"]
    time.sleep(1.5)
    client.receive_message(QueueUrl=queue)["Messages"]
    try:
        client.delete_message(QueueUrl=queue, ReceiptHandle=slow)
        answer = "yes"
    except ClientError as error:
        answer = error.response["Error"]["Code"]
    seen(f"{name}: delete with the handle of before", "yes", answer, answered)
    time.sleep(1.5)
    seen(f"{name}: messages left", "1, or 0 by luck", len(client.receive_message(QueueUrl=queue).get("Messages", [])), left)


look("ministack", f"http://127.0.0.1:{os.environ['port']}", "ReceiptHandleIsInvalid", 1)
look("fauxqs", f"http://127.0.0.1:{os.environ['second']}", "yes", 1)
with mock_aws():
    look("moto", None, "yes", 0)

close()
PY
python/bin/python look.py
