#!/usr/bin/env bash
# unmarshall() of @aws-sdk/util-dynamodb gives a number or a bigint, by the value: 9007199254740991 is a
# number and its next but one a bigint, with which `balance + 1` throws. A long fraction is rounded without
# a word, a long number with a fraction throws.
#
# It matters because an attribute that was a number in every test becomes another type in production on the
# day a value is large, and JSON.stringify() of that item throws as well. An amount with more than 17 digits
# is stored exactly and read as another.
#
# DynamoDB's developer guide gives numbers 38 digits. The package documents the option wrapNumbers, which
# keeps the text; it does not say that the type depends on the value or that fractions lose digits.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @aws-sdk/util-dynamodb@3.996.9 @aws-sdk/client-dynamodb@3.1164.0

cat > look.mjs <<'JS'
import { unmarshall, marshall } from '@aws-sdk/util-dynamodb';
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

versions('@aws-sdk/util-dynamodb');
const read = (N, options) => unmarshall({ value: { N } }, options).value;
const show = (value) => `${typeof value} ${value}`;
seen('9007199254740991', 'number 9007199254740991', show(read('9007199254740991')), 'number 9007199254740991');
seen('9007199254740993', 'one type for all', show(read('9007199254740993')), 'bigint 9007199254740993');
seen('12345678901.123456789', 'an error, or all digits', show(read('12345678901.123456789')), 'number 12345678901.123457');
seen('12345678901234567890.5', 'an error, or all digits', String(said(() => read('12345678901234567890.5'))).slice(0, 7), 'refused');
seen('12345678901.123456789 with wrapNumbers', 'all digits', read('12345678901.123456789', { wrapNumbers: true }).value, '12345678901.123456789');
seen('a round trip of 12345678901.123456789', '12345678901.123456789', marshall(unmarshall({ v: { N: '12345678901.123456789' } })).v.N, '12345678901.123457');
JS
node look.mjs
