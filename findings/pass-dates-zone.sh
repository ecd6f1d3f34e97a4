#!/usr/bin/env bash
# A Date given to @walletpass/pass-js becomes text in the time zone of the process, without seconds;
# passkit-generator writes UTC with milliseconds. A date text with milliseconds, as toISOString() gives it,
# is rewritten by the first as well.
#
# It matters because the bytes of pass.json decide about its hash, and Last-Modified or a 304 is often
# decided by that hash: the same card built on a laptop in Paris and on a Lambda differs, and 23:59:59 loses
# its seconds, so a voucher ends a minute early.
#
# Apple's format wants ISO 8601 with the zone and "at least hours and minutes", so both are valid. pass-js
# says in its source that seconds are always left out; neither README mentions the zone.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund passkit-generator@3.6.1 fflate@0.8.3

npm install --silent --no-audit --no-fund --no-save --prefix runtime node@24.21.0 @walletpass/pass-js@7.2.0

openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 -subj '/CN=A pass for this script' 2> openssl.log
cat > other.mjs <<'JS'
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const { Template } = await import(pathToFileURL('runtime/node_modules/@walletpass/pass-js/dist/index.js'));
const { version } = createRequire(import.meta.url)('./runtime/node_modules/@walletpass/pass-js/package.json');
const pass = new Template('storeCard', { passTypeIdentifier: 'pass.com.example', teamIdentifier: 'TEAM123456', organizationName: 'Example', description: 'Card', serialNumber: '1' }).createPass();
const out = (value) => {
  pass.expirationDate = value;
  return pass.toJSON().expirationDate;
};
let changed = false;
for (const [value, described] of [
  [new Date('2026-11-30T22:59:59Z'), process.argv[2]],
  ['2026-11-30T22:59:59.000Z', process.argv[2]],
  ['2026-11-30T22:59:59Z', '2026-11-30T22:59:59Z'],
]) {
  const got = out(value);
  console.log(`- @walletpass/pass-js ${version} with TZ=${process.env.TZ}: ${typeof value === 'string' ? `the text ${value}` : 'a Date of 22:59:59 UTC'}\n    expected: the instant with its seconds\n    seen:     ${got}`);
  if (got !== described) {
    changed = true;
    console.log(`    CHANGED:  this script describes ${described}`);
  }
}
process.exit(changed ? 1 : 0);
JS
TZ=Europe/Paris runtime/node_modules/.bin/node other.mjs '2026-11-30T23:59+01:00'
TZ=UTC runtime/node_modules/.bin/node other.mjs '2026-11-30T22:59+00:00'

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
const pass = { formatVersion: 1, passTypeIdentifier: 'pass.com.example', teamIdentifier: 'TEAM123456', organizationName: 'Example', description: 'Card', serialNumber: '1', storeCard: {} };
const certificate = readFileSync('certificate.pem');
const card = new PKPass({ 'pass.json': Buffer.from(JSON.stringify(pass)), 'icon.png': Buffer.from('icon') }, { wwdr: certificate, signerCert: certificate, signerKey: readFileSync('key.pem') });
card.setExpirationDate(new Date('2026-11-30T22:59:59Z'));
const { expirationDate } = JSON.parse(strFromU8(unzipSync(new Uint8Array(card.getAsBuffer()))['pass.json']));
seen('passkit-generator: a Date of 22:59:59 UTC', 'the instant with its seconds', expirationDate, '2026-11-30T22:59:59.000Z');
JS
node look.mjs
