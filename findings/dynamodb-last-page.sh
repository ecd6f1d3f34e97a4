#!/usr/bin/env bash
# When a query with Limit reads exactly the last item, DynamoDB still gives a LastEvaluatedKey, and the next
# page is empty. dynalite does the same; moto gives none. Under moto "there is a next page" is always true
# when it is said.
#
# It matters for an API that passes the key on as a cursor: with moto the tests never see the empty last
# page, and the app shows a "more" button that leads to nothing in production alone.
#
# The developer guide says that only the absence of LastEvaluatedKey means the end, and that a key does not
# mean that there is more. It is right in both; that moto is sharper than the service is not in its
# documentation.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund dynalite@4.0.0 @aws-sdk/client-dynamodb@3.1164.0

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[dynamodb]==5.2.5' boto3==1.43.106

cat > look.mjs <<'JS'
import dynalite from 'dynalite';
import { DynamoDBClient, CreateTableCommand, DescribeTableCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { readFileSync } from 'node:fs';
let changed = false;
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const versions = (...names) => console.log(`Node ${process.version}; ${names.map((name) => `${name} ${version(name)}`).join(', ')}`);
/** Prints one observation; `described` is what this script says comes out. */
function seen(what, expected, got, described) {
  console.log(`- ${what}\n    expected: ${expected}\n    seen:     ${got}`);
  if (String(got) === String(described)) return;
  changed = true;
  console.log(`    CHANGED:  this script describes ${described}`);
}
const said = (act) => {
  try {
    return act();
  } catch (error) {
    return `refused: ${String(error.message).split('\n')[0]}`;
  }
};
process.on('exit', () => {
  if (changed) process.exitCode = 1;
});

versions('dynalite', '@aws-sdk/client-dynamodb');
const server = dynalite({ createTableMs: 0 });
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${server.address().port}`, region: 'eu-west-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' }, maxAttempts: 1 });
const TableName = 'entries';
await client.send(new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }], AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })) }));
while ((await client.send(new DescribeTableCommand({ TableName }))).Table.TableStatus !== 'ACTIVE') await new Promise((resume) => setTimeout(resume, 50));
for (const sk of ['1', '2', '3']) await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, sk: { S: sk } } }));
const page = (Limit) => client.send(new QueryCommand({ TableName, Limit, KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': { S: 'a' } } }));
seen('dynalite: 3 items, Limit 4, a key', 'no', (await page(4)).LastEvaluatedKey ? 'yes' : 'no', 'no');
seen('dynalite: 3 items, Limit 3, a key', 'yes', (await page(3)).LastEvaluatedKey ? 'yes' : 'no', 'yes');
client.destroy();
server.close();
JS
node look.mjs

cat > look.py <<'PY'
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
    client = boto3.client("dynamodb", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    client.create_table(
        TableName="entries",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    for sk in "123":
        client.put_item(TableName="entries", Item={"pk": {"S": "a"}, "sk": {"S": sk}})
    for limit, expected, described in [(2, "yes", "yes"), (3, "yes", "no"), (4, "no", "no")]:
        page = client.query(
            TableName="entries",
            Limit=limit,
            KeyConditionExpression="pk = :a",
            ExpressionAttributeValues={":a": {"S": "a"}},
        )
        seen(f"moto: 3 items, Limit {limit}, a key", expected, "yes" if "LastEvaluatedKey" in page else "no", described)

close()
PY
python/bin/python look.py
