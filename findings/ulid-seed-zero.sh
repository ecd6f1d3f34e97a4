#!/usr/bin/env bash
# The npm packages ulid and ulidx share their API, and disagree on the time 0: ulid(0) of the first is a
# ULID of now, that of the second one of 1970. Both take the largest text '8ZZZ...' for a ULID in isValid()
# and refuse to decode it.
#
# It matters for history that is brought in with ids made from old times: a record whose date is unknown and
# stored as 0 sorts behind everything else in a key of DynamoDB, as if it had just happened. And a check of
# an incoming id by isValid() lets through one on which decodeTime() throws.
#
# The ULID specification starts time at the epoch and says that the largest ULID is 7ZZZ... and that larger
# ones must be refused. Neither point is in the READMEs.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ulid@3.0.2 ulidx@2.4.1

cat > look.mjs <<'JS'
import * as one from 'ulid';
import * as other from 'ulidx';
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

versions('ulid', 'ulidx');
const year = (id, { decodeTime }) => new Date(decodeTime(id)).getUTCFullYear();
seen('ulid(0): year', 1970, year(one.ulid(0), one) > 2000 ? 'now' : 1970, 'now');
seen('ulid(1): year', 1970, year(one.ulid(1), one), 1970);
seen('ulidx, ulid(0): year', 1970, year(other.ulid(0), other), 1970);
const large = `8${'Z'.repeat(25)}`;
for (const [name, library] of [['ulid', one], ['ulidx', other]]) {
  seen(`${name}: isValid('8ZZZ...')`, false, library.isValid(large), true);
  seen(`${name}: decodeTime('8ZZZ...')`, 'a refusal', said(() => library.decodeTime(large)).slice(0, 7), 'refused');
}
JS
node look.mjs
