#!/usr/bin/env bash
# A balance written by Intl in French doubles the price of an SMS. Since 2018 the group separator of French
# is the narrow no-break space U+202F; German and Polish keep the dot and the no-break space U+00A0. Neither
# space is in the alphabet GSM-7, so one number of four digits turns the whole message into UCS-2: 70
# characters instead of 160 for one segment.
#
# It matters because the text looks the same, tests with 150 points stay in one segment, and the bill grows
# with the members who are worth most. The two counters agree on it, unless Twilio's "smart encoding" is
# switched on, which replaces the space on Twilio's side only.
#
# 3GPP TS 23.038 lists the alphabet. The separator is CLDR's, release 34 and later; Twilio documents the
# smart encoding. That the number formatter of the language decides about the encoding is in neither place.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund sms-segments-calculator@1.3.0 split-sms@0.1.7

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
const { SegmentedMessage } = twilio;
const message = (balance) => `Bonjour, vous avez ${balance} points. Montrez votre carte en caisse pour en profiter avant dimanche soir.`;
const count = (text, smart = false) => {
  const counted = new SegmentedMessage(text, 'auto', smart);
  return `${counted.segmentsCount} in ${counted.encodingName}`;
};
const format = (locale, value) => new Intl.NumberFormat(locale, { useGrouping: 'always' }).format(value);
const separator = (locale) => `U+${format(locale, 1234).codePointAt(1).toString(16).toUpperCase().padStart(4, '0')}`;
seen("Intl's separator in fr", 'a space', separator('fr'), 'U+202F');
seen("Intl's separator in pl", 'a space', separator('pl'), 'U+00A0');
seen('segments with 850 points', '1', count(message(format('fr', 850))), '1 in GSM-7');
const rich = message(format('fr', 1234));
seen('segments with 1 234 points', '1', count(rich), '2 in UCS-2');
seen('the same, counted by split-sms', '1', `${splitter.split(rich).parts.length} in ${splitter.split(rich).characterSet}`, '2 in Unicode');
seen('the same with smart encoding', '1', count(rich, true), '1 in GSM-7');
seen('segments with a plain space', '1', count(rich.replace('\u202f', ' ')), '1 in GSM-7');
JS
node look.mjs
