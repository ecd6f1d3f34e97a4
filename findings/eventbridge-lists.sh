#!/usr/bin/env bash
# A rule on a field inside a list of objects never fires in moto: the pattern {"lines": {"sku": ["A"]}}
# matches an event with one object under lines and none with a list of them. The number 300.0 and the flag
# 1, on the other hand, match the patterns 300 and true.
#
# It matters because the lines of a purchase are such a list, so a rule for a product works in the service
# and is silent under moto; somebody then rewrites the event to suit the test.
#
# The README of event-ruler, the matcher that AWS published, describes how objects in arrays are matched,
# and the EventBridge user guide says that numbers are compared as text, so that 300 and 300.0 differ. Not
# in moto's documentation.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[events,sqs]==5.2.5' boto3==1.43.106

cat > look.py <<'PY'
import json
import boto3
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
    access = {"region_name": "eu-west-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    events, sqs = boto3.client("events", **access), boto3.client("sqs", **access)
    queue = sqs.create_queue(QueueName="matched")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def matched(pattern, detail):
        events.put_rule(Name="rule", EventPattern=json.dumps({"detail": pattern}))
        events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": arn}])
        events.put_events(Entries=[{"Source": "shop", "DetailType": "Purchase", "Detail": json.dumps(detail)}])
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return "matched" if messages else "not matched"

    product = {"lines": {"sku": ["A"]}}
    seen("sku A, one object", "matched", matched(product, {"lines": {"sku": "A"}}), "matched")
    seen("sku A, a list of one object", "matched", matched(product, {"lines": [{"sku": "A"}]}), "not matched")
    seen("sku A, a list of texts", "matched", matched({"skus": ["A"]}, {"skus": ["B", "A"]}), "matched")
    seen("300 and 300.0", "not matched", matched({"total": [300]}, {"total": 300.0}), "matched")
    seen("true and 1", "not matched", matched({"vip": [True]}, {"vip": 1}), "matched")

close()
PY
python/bin/python look.py
