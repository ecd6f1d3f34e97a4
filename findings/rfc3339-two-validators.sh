#!/usr/bin/env bash
# An instant that one validator of OpenAPI's `format: date-time` takes, another refuses. zod's iso.datetime
# refuses a lower-case t or z and the leap second 23:59:60Z, ajv-formats takes them; JavaScript's Date reads
# the first and not the second, and a time without seconds, which both validators refuse.
#
# It matters for an API whose document says date-time while zod does the checking: a client that was
# generated and validated from the document sends what the server answers with 400, and the leap second
# passes ajv and becomes an Invalid Date.
#
# RFC 3339 says that T and Z may be lower case and allows the second 60 for leap seconds; JSON Schema's
# date-time is that RFC's. zod documents its own stricter reading (upper case is not mentioned), Date's
# grammar is ECMA-262's.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund zod@4.6.7 ajv@8.17.1 ajv-formats@3.0.1

cat > look.mjs <<'JS'
import { z } from 'zod';
import ajvModule from 'ajv';
import formatsModule from 'ajv-formats';
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

versions('zod', 'ajv', 'ajv-formats');
const ajv = new (ajvModule.default ?? ajvModule)();
(formatsModule.default ?? formatsModule)(ajv);
const byAjv = ajv.compile({ type: 'string', format: 'date-time' });
const schema = z.iso.datetime({ offset: true });
const word = (taken) => (taken ? 'taken' : 'refused');
for (const [text, rfc, zod, other, date] of [
  ['2026-11-30T10:00:00+01:00', 'taken', 'taken', 'taken', 'taken'],
  ['2026-11-30t10:00:00z', 'taken', 'refused', 'taken', 'taken'],
  ['2016-12-31T23:59:60Z', 'taken', 'refused', 'taken', 'refused'],
  ['2026-11-30T10:00:00-00:00', 'taken', 'taken', 'taken', 'taken'],
  ['2026-11-30T10:00Z', 'refused', 'refused', 'refused', 'taken'],
]) {
  seen(`${text} by zod`, `${rfc}, RFC 3339`, word(schema.safeParse(text).success), zod);
  seen(`${text} by ajv-formats`, `${rfc}, RFC 3339`, word(byAjv(text)), other);
  seen(`${text} by Date`, 'as ECMA-262 says', word(!Number.isNaN(Date.parse(text))), date);
}
JS
node look.mjs
