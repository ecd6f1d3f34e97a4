#!/usr/bin/env bash
# How many segments a message of emoji has depends on the counter. sms-segments-calculator never cuts what
# looks like one character, so a family (five code points, 8 UTF-16 units) that does not fit into a segment
# moves whole to the next one; split-sms and smsutil only keep surrogate pairs together and pack more
# tightly. The text below has 5 segments in one and 4 in the others.
#
# It matters because the cost of a campaign is estimated with one of them and billed by the operator's own
# splitter, and because a budget that stops at N segments stops elsewhere.
#
# 3GPP TS 23.040 cuts after 67 UCS-2 units in a concatenated message and knows nothing of graphemes. The
# README of sms-segments-calculator describes what Twilio does, not that other senders cut differently.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund sms-segments-calculator@1.3.0 split-sms@0.1.7

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check smsutil==1.1.3

cat > look.mjs <<'JS'
import twilio from 'sms-segments-calculator';
import splitter from 'split-sms';
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

versions('sms-segments-calculator', 'split-sms');
const family = '\u{1F469}\u200D\u{1F469}\u200D\u{1F467}';
const text = family.repeat(33);
const least = Math.ceil(text.length / 67);
seen('UTF-16 units of 33 families, and the fewest segments', '264 and 4', `${text.length} and ${least}`, '264 and 4');
seen('sms-segments-calculator', least, new twilio.SegmentedMessage(text).segmentsCount, 5);
seen('split-sms', least, splitter.split(text).parts.length, 4);
JS
node look.mjs

cat > look.py <<'PY'
import smsutil
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


versions("smsutil")
text = "\U0001F469\u200D\U0001F469\u200D\U0001F467" * 33
seen("smsutil", 4, len(smsutil.split(text).parts), 4)

close()
PY
python/bin/python look.py
