#!/usr/bin/env bash
# Letters in a phone number mean digits to Google's library and its Python port, and the end of the number
# to libphonenumber-js. '1-800-FLOWERS' is a valid number in two of them and the impossible +11800 in the
# third; the other way round, 'p: +33612345678 (mobile)' is a valid number for libphonenumber-js and a
# 17-digit impossible one for Google's, which dials the word "mobile".
#
# It matters because exports of shop systems hold such fields, and because a member is found again by the
# normalised number: the importer in Python and the API in Node file the same customer under two keys.
#
# The README of libphonenumber-js does not mention letters; Google's library documents vanity numbers. That
# the letters behind a number change its digits in the other two is in neither documentation.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund libphonenumber-js@1.13.16 google-libphonenumber@3.2.47

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check phonenumbers==9.0.43

cat > look.mjs <<'JS'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import google from 'google-libphonenumber';
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

versions('libphonenumber-js', 'google-libphonenumber');
const util = google.PhoneNumberUtil.getInstance();
const small = (text, region) => {
  const number = parsePhoneNumberFromString(text, region);
  return number ? `${number.number} ${number.isValid() ? 'valid' : 'not valid'}` : 'no number';
};
const large = (text, region) => {
  const number = util.parse(text, region);
  return `${util.format(number, google.PhoneNumberFormat.E164)} ${util.isValidNumber(number) ? 'valid' : 'not valid'}`;
};
seen("libphonenumber-js: '1-800-FLOWERS', US", '+18003569377 valid', small('1-800-FLOWERS', 'US'), '+11800 not valid');
seen("google-libphonenumber: '1-800-FLOWERS', US", '+18003569377 valid', large('1-800-FLOWERS', 'US'), '+18003569377 valid');
const label = 'p: +33612345678 (mobile)';
seen(`libphonenumber-js: '${label}'`, '+33612345678 valid', small(label, 'FR'), '+33612345678 valid');
seen(`google-libphonenumber: '${label}'`, '+33612345678 valid', large(label, 'FR'), '+33612345678662453 not valid');
JS
node look.mjs

cat > look.py <<'PY'
import phonenumbers
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


versions("phonenumbers")


def parse(text, region):
    number = phonenumbers.parse(text, region)
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{text} {'valid' if phonenumbers.is_valid_number(number) else 'not valid'}"


seen("phonenumbers: '1-800-FLOWERS', US", "+18003569377 valid", parse("1-800-FLOWERS", "US"), "+18003569377 valid")
seen(
    "phonenumbers: 'p: +33612345678 (mobile)'",
    "+33612345678 valid",
    parse("p: +33612345678 (mobile)", "FR"),
    "+33612345678662453 not valid",
)

close()
PY
python/bin/python look.py
