#!/usr/bin/env bash
# moto gives a number back as it was written: '1.0', '007', '1e3', '-0'. dynalite gives 1, 7, 1000 and 0, as
# DynamoDB does, but refuses '+5', which moto keeps with its sign.
#
# It matters wherever the text of a number is compared, hashed or signed: a hash chain over the stored
# items, or a snapshot in a test, is the same before and after a round trip under moto, and is not in the
# service.
#
# The developer guide of DynamoDB says under "Number" that leading and trailing zeroes are trimmed. Neither
# stand-in documents its own treatment.
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
import { DynamoDBClient, CreateTableCommand, DescribeTableCommand, PutItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
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
const TableName = 'numbers';
await client.send(new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }], AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }] }));
while ((await client.send(new DescribeTableCommand({ TableName }))).Table.TableStatus !== 'ACTIVE') await new Promise((resume) => setTimeout(resume, 50));
for (const [written, expected] of [['1.0', '1'], ['007', '7'], ['1e3', '1000'], ['-0', '0']]) {
  await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, v: { N: written } } }));
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } }));
  seen(`dynalite: ${written} comes back as`, expected, Item.v.N, expected);
}
const plus = await client.send(new PutItemCommand({ TableName, Item: { pk: { S: 'a' }, v: { N: '+5' } } })).then(() => 'taken', ({ name }) => name);
seen('dynalite: +5', '5', plus, 'ValidationException');
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
        TableName="numbers",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    for written, expected in [("1.0", "1"), ("007", "7"), ("1e3", "1000"), ("-0", "0"), ("+5", "5")]:
        client.put_item(TableName="numbers", Item={"pk": {"S": "a"}, "v": {"N": written}})
        got = client.get_item(TableName="numbers", Key={"pk": {"S": "a"}})["Item"]["v"]["N"]
        seen(f"moto: {written} comes back as", expected, got, written)

close()
PY
python/bin/python look.py
