#!/usr/bin/env bash
# python-barcode repairs an EAN-13 instead of checking it: a thirteenth digit that is wrong is replaced, and
# what comes after it is cut off, without a word. bwip-js and JsBarcode refuse the same texts.
#
# It matters because the check digit is there to notice a mistyped card number: the label that is printed
# for it scans perfectly, as the card of somebody else. A 16-digit number of an old card becomes a number of
# 13 digits.
#
# The GS1 General Specifications give the check digit the purpose of detecting wrong numbers. The docstring
# of python-barcode says that a value which is too long is trimmed, and not that a wrong digit is replaced;
# the option `no_checksum` takes the digit as it is, it does not check it.
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
const byBwip = (text) => String(said(() => (bwip.raw({ bcid: 'ean13', text }), 'taken'))).slice(0, 7);
const byJsBarcode = (text) => String(said(() => (JsBarcode({}, text, { format: 'EAN13' }), 'taken'))).slice(0, 7);
for (const [text, expected, described] of [
  ['2900000000018', 'taken', 'taken'],
  ['2900000000010', 'refused', 'refused'],
  ['2900000000018999', 'refused', 'refused'],
]) {
  seen(`bwip-js: ${text}`, expected, byBwip(text), described);
  seen(`jsbarcode: ${text}`, expected, byJsBarcode(text), described);
}
JS
node look.mjs

cat > look.py <<'PY'
from barcode import EAN13
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
for text, expected, described in [
    ("2900000000018", "2900000000018", "2900000000018"),
    ("2900000000010", "refused", "2900000000018"),
    ("2900000000018999", "refused", "2900000000018"),
]:
    seen(f"python-barcode: {text} is printed as", expected, said(lambda: EAN13(text).get_fullcode()), described)

close()
PY
python/bin/python look.py
