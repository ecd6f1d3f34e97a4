#!/usr/bin/env bash
# How many digits a currency has depends on whom one asks: Node's Intl and Python's Babel answer with the
# digits that are customary on price tags (CLDR), the dinero.js currencies and the iso4217 package with the
# minor units of ISO 4217. They differ for the forint, the Colombian peso, the rupiah, the dinar of Iraq (0
# instead of 3) and a dozen more; Babel changed its mind between 2.18.0 and 2.19.0, for the forint from 2 to
# 0.
#
# It matters because payment services send whole numbers of minor units. Intl's resolvedOptions() is the
# only table in the standard library, so it is the one that code reaches for, and 12345 minor units of HUF
# become 12,345 Ft instead of 123.45 Ft: points and receipts are wrong by a factor of 100, in these
# currencies alone.
#
# ECMA-402 took the digits from ISO 4217 by its text until 2024 and has left them to the implementation
# since (pull request 922 there); CLDR says that its digits need not be the minor unit. Stripe's page on
# currencies treats HUF and IDR as two-decimal currencies.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund dinero.js@2.0.2

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check babel==2.19.0 iso4217==1.16.20260101

cat > look.mjs <<'JS'
import * as dinero from 'dinero.js';
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

versions('dinero.js');
const intl = (currency) => new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
for (const [code, units] of [['HUF', 2], ['COP', 2], ['IDR', 2], ['IQD', 3], ['PKR', 2], ['ALL', 2], ['LAK', 2]]) {
  seen(`${code}: digits by Intl`, `${units} as in ISO 4217`, intl(code), 0);
  seen(`${code}: exponent by dinero.js`, units, dinero[code].exponent, units);
}
seen('EUR: digits by Intl', 2, intl('EUR'), 2);
seen('KWD: digits by Intl', 3, intl('KWD'), 3);
JS
node look.mjs

cat > look.py <<'PY'
from babel.numbers import get_currency_precision
from iso4217 import Currency
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


versions("babel", "iso4217")
for code, units, babel in [("HUF", 2, 0), ("COP", 2, 0), ("IDR", 2, 0), ("IQD", 3, 0), ("EUR", 2, 2)]:
    seen(f"{code}: digits by Babel", f"{units} as in ISO 4217", get_currency_precision(code), babel)
    seen(f"{code}: exponent by iso4217", units, Currency(code).exponent, units)

close()
PY
python/bin/python look.py

# The same question to the release before, in an environment of its own.
python3 -m venv before
before/bin/pip install --quiet --disable-pip-version-check babel==2.18.0
digits="$(before/bin/python -c 'from babel.numbers import get_currency_precision as digits; print(digits("HUF"), digits("COP"), digits("IDR"), digits("IQD"))')"
printf -- '- HUF, COP, IDR, IQD: digits by Babel 2.18.0\n    expected: 2 2 2 3 as in ISO 4217\n    seen:     %s\n' "$digits"
if [[ "$digits" != '2 2 2 0' ]]; then
  echo '    CHANGED:  this script describes 2 2 2 0'
  exit 1
fi
