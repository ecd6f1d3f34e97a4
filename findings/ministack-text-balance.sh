#!/usr/bin/env bash
# In ministack `SET balance = #name + :points` stores the text of #name as the balance: a sum of a string
# and a number is carried out, by forgetting the number. moto and DynamoDB refuse it.
#
# It matters because a mixed-up attribute name is the ordinary mistake in an update expression, and the
# stand-in turns it into a ledger whose balance is a name, with a success as the answer and no trace of the
# sum.
#
# The developer guide of DynamoDB says that + takes numbers only, and the service answers with
# ValidationException, "Incorrect operand type for operator or function". Not in ministack's documentation.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check ministack==1.5.33 boto3==1.43.106

server=""
trap '[[ -z "$server" ]] || kill "$server" 2> server.err || true; rm -rf "$folder"' EXIT
port="$(python/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
export port
BIND_HOST=127.0.0.1 MINISTACK_HOST=127.0.0.1 GATEWAY_PORT="$port" python/bin/ministack > server.log 2>&1 &
server=$!
for _ in $(seq 60); do
  python/bin/python -c "import socket; socket.create_connection((\"127.0.0.1\", $port), 1)" 2> wait.err && break
  sleep 0.5
done

cat > look.py <<'PY'
import os
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
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


versions("ministack", "boto3")
client = boto3.client(
    "dynamodb",
    endpoint_url=f"http://127.0.0.1:{os.environ['port']}",
    region_name="eu-west-1",
    aws_access_key_id="x",
    aws_secret_access_key="x",
    config=Config(retries={"max_attempts": 1}),
)
client.create_table(
    TableName="points",
    BillingMode="PAY_PER_REQUEST",
    KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
)
client.put_item(TableName="points", Item={"pk": {"S": "member"}, "balance": {"N": "100"}, "name": {"S": "Ada"}})


def update(expression, **values):
    more = {"ExpressionAttributeNames": {"#name": "name"}} if "#name" in expression else {}
    try:
        client.update_item(
            TableName="points",
            Key={"pk": {"S": "member"}},
            UpdateExpression=expression,
            ExpressionAttributeValues={f":{key}": value for key, value in values.items()},
            **more,
        )
        return "carried out"
    except ClientError as error:
        return error.response["Error"]["Code"]


def balance():
    return client.get_item(TableName="points", Key={"pk": {"S": "member"}})["Item"]["balance"]


seen("SET balance = balance + :points", "carried out", update("SET balance = balance + :points", points={"N": "5"}), "carried out")
seen("balance", {"N": "105"}, balance(), {"N": "105"})
seen("SET balance = #name + :points", "ValidationException", update("SET balance = #name + :points", points={"N": "5"}), "carried out")
seen("balance afterwards", {"N": "105"}, balance(), {"S": "Ada"})

close()
PY
python/bin/python look.py
