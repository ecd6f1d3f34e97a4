#!/usr/bin/env bash
# dinero.js gives the Malagasy ariary and the Mauritanian ouguiya the base 5 and the exponent 1, since one
# ariary is five iraimbilanja. toDecimal() then throws for these two currencies, and an amount 12 is 2
# ariary and 2 iraimbilanja. py-moneyed divides the same currency by 100, Intl shows it without digits.
#
# It matters because one number of minor units from a payment service is read in three ways, and because the
# refusal comes at display time, in the currency of one customer, long after everything else was tested.
#
# ISO 4217 lists both with minor unit 2, although they are divided by five; Stripe's page on currencies
# lists MGA among the zero-decimal ones. dinero.js documents non-decimal currencies and the error; that
# shipped definitions make use of it is easy to miss.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund dinero.js@2.0.2

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check py-moneyed==3.0

cat > look.mjs <<'JS'
import { dinero, toDecimal, toUnits, EUR, MGA, MRU } from 'dinero.js';
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
seen('EUR, amount 12, as a decimal', '0.12', toDecimal(dinero({ amount: 12, currency: EUR })), '0.12');
for (const currency of [MGA, MRU]) {
  seen(`${currency.code}, base and exponent`, '10 and 2 (ISO 4217)', `${currency.base} and ${currency.exponent}`, '5 and 1');
  seen(
    `${currency.code}, amount 12, as a decimal`,
    'a number as text',
    said(() => toDecimal(dinero({ amount: 12, currency }))),
    'refused: [Dinero.js] Currency is not decimal.',
  );
}
seen('MGA, amount 12, in units', '12 (zero-decimal) or 0.12', toUnits(dinero({ amount: 12, currency: MGA })).join(' and '), '2 and 2');
const digits = new Intl.NumberFormat('en', { style: 'currency', currency: 'MGA' }).resolvedOptions().maximumFractionDigits;
seen('MGA, digits by Intl', '2 (ISO 4217)', digits, 0);
JS
node look.mjs

cat > look.py <<'PY'
from moneyed import MGA, Money
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


versions("py-moneyed")
seen("MGA, amount for 12 sub units by py-moneyed", "2.4 by fifths, 12 by Stripe", Money(12, MGA).amount / MGA.sub_unit, "0.12")

close()
PY
python/bin/python look.py
