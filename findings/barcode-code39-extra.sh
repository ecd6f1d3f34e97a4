#!/usr/bin/env bash
# python-barcode appends a modulo-43 character to every Code 39 unless told otherwise, so a till whose
# scanner is not set up for it reads 'PHILIA29' with one character more; JsBarcode and bwip-js append none
# unless asked. JsBarcode also turns lower case into upper case without a word, where bwip-js refuses.
#
# It matters because the till looks up what it scans: cards printed by the Python library are unknown
# members, and two card numbers that differ in case become one.
#
# ISO/IEC 16388 makes the check character of Code 39 optional and has no lower case. python-barcode
# documents the parameter add_checksum and its default; the conversion in JsBarcode is not documented.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund bwip-js@4.11.4 jsbarcode@3.12.3

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check python-barcode==0.16.1

cat > look.mjs <<'JS'
import bwip from 'bwip-js';
import JsBarcode from 'jsbarcode';
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

versions('bwip-js', 'jsbarcode');
const characters = (text) => {
  const drawn = {};
  JsBarcode(drawn, text, { format: 'CODE39' });
  return drawn.encodings[0].data.length / 16;
};
seen("jsbarcode: characters in the code of 'PHILIA29', with start and stop", 10, characters('PHILIA29'), 10);
const text = (value) => {
  const drawn = {};
  JsBarcode(drawn, value, { format: 'CODE39' });
  return drawn.encodings[0].text;
};
seen("jsbarcode: 'philia29' becomes", 'refused', said(() => text('philia29')), 'PHILIA29');
seen("bwip-js: 'philia29'", 'refused', String(said(() => (bwip.raw({ bcid: 'code39', text: 'philia29' }), 'taken'))).slice(0, 7), 'refused');
JS
node look.mjs

cat > look.py <<'PY'
from barcode import Code39
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


versions("python-barcode")
seen("python-barcode: 'PHILIA29' scans as", "PHILIA29", Code39("PHILIA29").get_fullcode(), "PHILIA29Y")
seen("the same with add_checksum=False", "PHILIA29", Code39("PHILIA29", add_checksum=False).get_fullcode(), "PHILIA29")

close()
PY
python/bin/python look.py
