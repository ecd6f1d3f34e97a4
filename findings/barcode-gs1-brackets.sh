#!/usr/bin/env bash
# The brackets around application identifiers are for people: bwip-js drops them from a GS1-128,
# python-barcode prints them into the bars. The same text is two different codes, the second one five
# symbols longer.
#
# It matters for vouchers and coupons as GS1-128: the scanner hands '(01)' on as data where the till expects
# '01', and nothing is visible to the eye, since the text below the bars has brackets in both.
#
# The GS1 General Specifications say that the brackets are not encoded. The documentation of bwip-js
# (BWIPP's) describes the bracketed notation as its input format; that of python-barcode gives no format for
# Gs1_128.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund bwip-js@4.11.4

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check python-barcode==0.16.1

cat > look.mjs <<'JS'
import bwip from 'bwip-js';
import { writeFileSync } from 'node:fs';
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

versions('bwip-js');
const modules = (bcid, text, more = {}) => bwip.raw({ bcid, text, ...more })[0].sbs.reduce((sum, width) => sum + width, 0);
const bracketed = '(01)02900000000018';
seen('bwip-js: modules of gs1-128 for (01)02900000000018', 'those of FNC1 and 16 digits', modules('gs1-128', bracketed), modules('code128', '^FNC10102900000000018', { parsefnc: true }));
writeFileSync('modules.txt', String(modules('gs1-128', bracketed)));
JS
node look.mjs

cat > look.py <<'PY'
from barcode.codex import Gs1_128
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
expected = int(open("modules.txt").read())
bars = lambda text: len("".join(Gs1_128(text).build()))
seen("python-barcode: modules for 0102900000000018", expected, bars("0102900000000018"), expected)
seen("python-barcode: modules for (01)02900000000018", expected, bars("(01)02900000000018"), expected + 55)

close()
PY
python/bin/python look.py
