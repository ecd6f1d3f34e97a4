#!/usr/bin/env bash
# moto runs a TransactWriteItems again when the same ClientRequestToken comes again: the balance is taken
# off twice. The same token with another request is carried out as well. The service does neither.
#
# It matters because the token is what makes a retry after a lost answer harmless: a test of exactly that
# retry fails under moto with correct code, or, worse, is written so that it passes there.
#
# The API reference of TransactWriteItems says that calls with one token are idempotent for ten minutes, and
# that a changed request under it is answered with IdempotentParameterMismatchException. moto's list of
# implemented operations shows transact_write_items as done and does not mention the token.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[dynamodb]==5.2.5' boto3==1.43.106

cat > look.py <<'PY'
import boto3
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


versions("moto", "boto3")
with mock_aws():
    client = boto3.client("dynamodb", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    client.create_table(
        TableName="points",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    client.put_item(TableName="points", Item={"pk": {"S": "member"}, "balance": {"N": "100"}})

    def spend(points, token):
        client.transact_write_items(
            ClientRequestToken=token,
            TransactItems=[
                {
                    "Update": {
                        "TableName": "points",
                        "Key": {"pk": {"S": "member"}},
                        "UpdateExpression": "SET balance = balance - :points",
                        "ExpressionAttributeValues": {":points": {"N": str(points)}},
                    }
                }
            ],
        )

    def balance():
        return client.get_item(TableName="points", Key={"pk": {"S": "member"}})["Item"]["balance"]["N"]

    spend(30, "the-first-token")
    seen("balance of 100 after 30 were spent", "70", balance(), "70")
    spend(30, "the-first-token")
    seen("balance after the same call with the same token", "70", balance(), "40")
    try:
        spend(5, "the-first-token")
        answer = "carried out"
    except ClientError as error:
        answer = error.response["Error"]["Code"]
    seen("another request under that token", "IdempotentParameterMismatchException", answer, "carried out")

close()
PY
python/bin/python look.py
