#!/usr/bin/env bash
# One value that passkit-generator does not like in pass.json takes the whole document with it, and the
# error names something else: a serial number that is a number, or a web service without its token, ends in
# "type is missing", although the type is there. A key it does not know, such as a misspelt one, is dropped
# without any error.
#
# It matters because the message sends one looking at the storeCard, while the cause is three lines above;
# and because the dropped key is found out on a phone.
#
# Apple's pass format names serialNumber a string and lets webServiceURL and authenticationToken come
# together. The README of passkit-generator does not say what becomes of the other properties.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund passkit-generator@3.6.1 fflate@0.8.3

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 -subj '/CN=A pass for this script' 2> openssl.log

cat > look.mjs <<'JS'
import { PKPass } from 'passkit-generator';
import { unzipSync, strFromU8 } from 'fflate';
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

versions('passkit-generator');
const pass = {
  formatVersion: 1, passTypeIdentifier: 'pass.com.example', teamIdentifier: 'TEAM123456', organizationName: 'Example',
  description: 'Card', serialNumber: '1', storeCard: { primaryFields: [{ key: 'points', label: 'Points', value: 5 }] },
};
const certificate = readFileSync('certificate.pem');
const written = (more) => {
  const card = new PKPass({ 'pass.json': Buffer.from(JSON.stringify({ ...pass, ...more })), 'icon.png': Buffer.from('icon') }, { wwdr: certificate, signerCert: certificate, signerKey: readFileSync('key.pem') });
  return JSON.parse(strFromU8(unzipSync(new Uint8Array(card.getAsBuffer()))['pass.json']));
};
const missing = 'refused: Cannot proceed creating the pass because type is missing.';
seen('as it should be: points', 5, written({}).storeCard.primaryFields[0].value, 5);
seen('serialNumber: 1', 'a message about serialNumber', said(() => written({ serialNumber: 1 }).serialNumber), missing);
seen('webServiceURL without authenticationToken', 'a message about either', said(() => written({ webServiceURL: 'https://example.com/' }).webServiceURL), missing);
seen("backgroundColor: 'rgba(1, 2, 3, 0.5)'", 'a message about backgroundColor', said(() => written({ backgroundColor: 'rgba(1, 2, 3, 0.5)' }).backgroundColor), missing);
seen('sharingProhibitted: true, misspelt', 'a message about it', said(() => written({ sharingProhibitted: true }).sharingProhibitted), 'undefined');
JS
node look.mjs
