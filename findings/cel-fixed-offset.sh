#!/usr/bin/env bash
# @marcbachmann/cel-js hands the time zone of getHours() to the Intl of the runtime. On Node 20 the fixed
# offset '+02:00' is therefore an error at evaluation time, on Node 24 the very same rule gives an hour; and
# the abbreviated form '02:00', which the language also allows, is an error on both.
#
# It matters because a happy-hour rule that was tested on a laptop with Node 24 fails for every purchase on
# a Lambda with Node 20, and because the rule passes the parser and the type checker in both places.
#
# The CEL language definition allows a time zone as an IANA name or as a fixed offset "+HH:MM" or "-HH:MM",
# the plus being optional. ECMA-402 allows offset time zones since the 2024 edition. Not in the library's
# documentation.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @marcbachmann/cel-js@8.0.0 @bufbuild/cel@0.6.1

npm install --silent --no-audit --no-fund --no-save --prefix runtime node@24.21.0
cat > look.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { evaluate } from '@marcbachmann/cel-js';
import { run } from '@bufbuild/cel';

let changed = false;
const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const major = Number(process.versions.node.split('.')[0]);
console.log(`Node ${process.version}; @marcbachmann/cel-js ${version('@marcbachmann/cel-js')}, @bufbuild/cel ${version('@bufbuild/cel')}`);
const hour = (evaluator, zone) => {
  try {
    return String(evaluator(`timestamp('2026-11-30T21:30:00Z').getHours('${zone}')`, {}));
  } catch (error) {
    return `refused: ${error.message.split('\n')[0]}`;
  }
};
const unknown = (zone) => `refused: Invalid time zone specified: ${zone}`;
for (const [zone, expected, described] of [
  ['Europe/Paris', '22', '22'],
  ['+02:00', '23', major < 22 ? unknown('+02:00') : '23'],
  ['02:00', '23', unknown('02:00')],
]) {
  const marc = hour(evaluate, zone);
  console.log(`- getHours('${zone}') at 21:30 UTC\n    expected: ${expected}\n    seen:     @marcbachmann/cel-js ${marc}; @bufbuild/cel ${hour(run, zone)}`);
  if (marc !== described) {
    changed = true;
    console.log(`    CHANGED:  this script describes ${described}`);
  }
}
process.exit(changed ? 1 : 0);
JS
node look.mjs
runtime/node_modules/.bin/node look.mjs
