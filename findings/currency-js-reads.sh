#!/usr/bin/env bash
# currency.js never refuses text, it drops what it does not know. A price typed the European way, '12,50',
# is 1250; '1.234,56' is 1.23; the scientific notation '1e3' that spreadsheets write is 13; a trailing minus
# as tills and SAP print it gives NaN; and 'free' is 0.
#
# It matters for every import of purchases from CSV: nothing fails, and a member earns a hundred times the
# points on lines with a comma. Node's own Number() gives NaN for all of them but '1e3', which it reads
# right.
#
# The documentation says that strings are parsed and that errorOnInvalid makes invalid values throw, and
# names null and undefined; with it on, none of these texts is refused either. That wrong separators,
# exponents and trailing signs pass as another number is not said.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund currency.js@2.0.4

cat > look.mjs <<'JS'
import currency from 'currency.js';
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

versions('currency.js');
for (const [text, expected, described, strict] of [
  ['12.50', '12.5', '12.5', '12.5'],
  ['12,50', 'a refusal, or 12.5', '1250', '1250'],
  ['1.234,56', 'a refusal, or 1234.56', '1.23', '1.23'],
  ['1e3', '1000', '13', '13'],
  ['12.50-', 'a refusal, or -12.5', 'NaN', 'NaN'],
  ['free', 'a refusal', '0', '0'],
]) {
  seen(`currency('${text}')`, expected, currency(text).value, described);
  seen(`currency('${text}') with errorOnInvalid`, expected, said(() => currency(text, { errorOnInvalid: true }).value), strict);
}
JS
node look.mjs
