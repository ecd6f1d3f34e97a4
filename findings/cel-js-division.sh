#!/usr/bin/env bash
# The npm package cel-js computes CEL with JavaScript's numbers: 7 / 2 is 3.5, int64 is rounded above 2^53,
# and an escape such as \u00e9 stays six characters. Every other engine here gives 3, the exact integer and
# one letter.
#
# It matters because "one point per full 10 euros" is purchase.totalMinor / 1000: with a fraction the points
# are no whole number any more, and ids of 64 bits (Square, Shopify) compare equal to their neighbours.
#
# The CEL language definition has a 64-bit int whose division truncates and whose overflow is an error, and
# gives string literals the escapes of Go. The README of cel-js lists supported features and does not name
# these.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund cel-js@0.8.2 @marcbachmann/cel-js@8.0.0 @bufbuild/cel@0.6.1

cat > look.mjs <<'JS'
import { evaluate as loose } from 'cel-js';
import { evaluate as marc } from '@marcbachmann/cel-js';
import { run } from '@bufbuild/cel';
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

versions('cel-js', '@marcbachmann/cel-js', '@bufbuild/cel');
for (const [text, expected, described] of [
  ['7 / 2', '3', '3.5'],
  ['-7 / 2', '-3', '-3.5'],
  ['9007199254740993 == 9007199254740992', 'false', 'true'],
  ["'caf\\u00e9' == 'café'", 'true', 'false'],
]) {
  seen(`cel-js: ${text}`, expected, loose(text, {}), described);
  seen(`@marcbachmann/cel-js: ${text}`, expected, marc(text, {}), expected);
  seen(`@bufbuild/cel: ${text}`, expected, run(text, {}), expected);
}
JS
node look.mjs
