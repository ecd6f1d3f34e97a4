#!/usr/bin/env bash
# marshall() of @aws-sdk/util-dynamodb decides by `data.constructor.name` what a value is. A map that has an entry of
# the name `constructor` of its own is therefore refused as an instance of some class, with advice that names an option.
#
# It matters wherever the names in a map are somebody else's: ids of a programme, consents, labels, headers. DynamoDB
# itself has no names that are special in a map, and stores both.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @aws-sdk/util-dynamodb@3.996.9 @aws-sdk/client-dynamodb@3.1164.0

cat > look.mjs <<'JS'
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { readFileSync } from 'node:fs';
let changed = false;
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(`Node ${process.version}; @aws-sdk/util-dynamodb ${version('@aws-sdk/util-dynamodb')}`);
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
    return `refused: ${String(error.message).split(':')[0]}`;
  }
};
process.on('exit', () => {
  if (changed) process.exitCode = 1;
});

const named = JSON.parse('{"tags":{"constructor":{"granted":true}}}');
seen('marshall {"constructor": {…}}', 'a map', said(() => JSON.stringify(marshall(named))), 'refused: Unsupported type passed');
const counted = JSON.parse('{"tags":{"constructor":3}}');
seen('marshall {"constructor": 3}', 'a map', said(() => JSON.stringify(marshall(counted))), 'refused: Unsupported type passed');
const kept = unmarshall({ tags: { M: { constructor: { N: '3' } } } });
seen('what unmarshall makes of such a map', '{"tags":{"constructor":3}}', JSON.stringify(kept), '{"tags":{"constructor":3}}');
seen('and marshall of that again', 'a map', said(() => JSON.stringify(marshall(kept))), 'refused: Unsupported type passed');
JS
node look.mjs
