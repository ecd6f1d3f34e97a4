#!/usr/bin/env bash
# What the JavaScript engines of CEL say of a character that they do not expect is half of that character where it
# is beyond U+FFFF: the explanation of @marcbachmann/cel-js and of @bufbuild/cel has a lone surrogate in it, and is no
# well-formed text.
#
# It matters because the explanation goes where text goes: an answer as JSON, a log, a table. encodeURIComponent
# throws on it, TextEncoder writes a replacement character, and a store that checks its text refuses the record.
#
# The CEL language definition knows code points only. Not documented by the libraries.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @marcbachmann/cel-js@8.0.0 @bufbuild/cel@0.6.1

cat > look.mjs <<'JS'
import { evaluate } from '@marcbachmann/cel-js';
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

versions('@marcbachmann/cel-js', '@bufbuild/cel');
const summaryOf = (act) => {
  try {
    return String(act());
  } catch (error) {
    return String(error.summary ?? error.message);
  }
};
for (const [name, engine] of [
  ['@marcbachmann/cel-js', evaluate],
  ['@bufbuild/cel', run],
]) {
  const said = summaryOf(() => engine("member.tier == '\u{1f48e}' \u{1f48e}", { member: { tier: 'gold' } }));
  console.log(`  ${name} says ${JSON.stringify(said.split('\n')[0])}`);
  seen(`${name}: what it says of a stray U+1F48E is well-formed text`, true, said.isWellFormed(), false);
}
JS
node look.mjs
