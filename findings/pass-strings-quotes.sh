#!/usr/bin/env bash
# passkit-generator writes translations into pass.strings as they are. A translation with a quotation mark
# or a line break, such as a shop named Chez "Ada", makes the file one that Apple's format cannot read, and
# the pass is signed and sent all the same. @walletpass/pass-js escapes both.
#
# It matters because a pass with a broken .strings file still opens, in the language of the keys: the
# customers of one language see "points_label" instead of a word, and only the ones whose shop has a quote
# in its name.
#
# Apple's Resource Programming Guide says that quotation marks, backslashes and control characters in a
# strings file must be escaped by a backslash. passkit-generator documents localize() without a word on
# escaping.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund passkit-generator@3.6.1 fflate@0.8.3

npm install --silent --no-audit --no-fund --no-save --prefix runtime node@24.21.0 @walletpass/pass-js@7.2.0

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
  description: 'Card', serialNumber: '1', storeCard: { primaryFields: [{ key: 'shop', label: 'shop_label', value: 'x' }] },
};
const certificate = readFileSync('certificate.pem');
const card = new PKPass({ 'pass.json': Buffer.from(JSON.stringify(pass)), 'icon.png': Buffer.from('icon') }, { wwdr: certificate, signerCert: certificate, signerKey: readFileSync('key.pem') });
card.localize('fr', { shop_label: 'Chez "Ada"' });
const files = unzipSync(new Uint8Array(card.getAsBuffer()));
seen('the line in fr.lproj/pass.strings', '"shop_label" = "Chez \\"Ada\\"";', strFromU8(files['fr.lproj/pass.strings']).trim(), '"shop_label" = "Chez "Ada"";');
JS
node look.mjs

cat > other.mjs <<'JS'
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const { getLprojBuffer } = await import(pathToFileURL('runtime/node_modules/@walletpass/pass-js/dist/lib/localizations.js'));
const { version } = createRequire(import.meta.url)('./runtime/node_modules/@walletpass/pass-js/package.json');
const bytes = Buffer.from(getLprojBuffer(new Map([['shop_label', 'Chez "Ada"']])));
const text = bytes.toString(bytes[0] === 0xff ? 'utf16le' : 'utf8').replace('\ufeff', '').trim();
console.log(`- the same by @walletpass/pass-js ${version}\n    expected: "shop_label" = "Chez \\"Ada\\"";\n    seen:     ${text}`);
if (!text.includes('\\"Ada\\"')) {
  console.log('    CHANGED:  this script describes quotation marks with a backslash');
  process.exit(1);
}
JS
runtime/node_modules/.bin/node other.mjs
