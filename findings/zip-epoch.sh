#!/usr/bin/env bash
# A modification time of 0, which reproducible builds use, ends differently in three zip writers: fflate
# throws, yazl writes 1 January 1980, adm-zip writes day 0 of month 0 of 1980. And the time of an entry is
# local time, so the same card packed with TZ=UTC and TZ=Europe/Paris by fflate is two files.
#
# It matters for passes, since a .pkpass is a zip whose hash serves as ETag: with a fixed time one expects
# the same bytes everywhere, and gets an exception, an impossible date, or the time zone of the machine.
#
# The zip format (APPNOTE) stores an MS-DOS date, from 1980 on, in local time by custom. fflate's README
# uses 1 January 1980 in an example, without a reason; that yazl clamps and adm-zip does not is in neither
# README.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund fflate@0.8.3 yazl@3.3.1 adm-zip@0.6.1

cat > look.mjs <<'JS'
import { zipSync } from 'fflate';
import yazl from 'yazl';
import AdmZip from 'adm-zip';
import { execFileSync } from 'node:child_process';
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

versions('fflate', 'yazl', 'adm-zip');
const day = (date) => `${1980 + (date >> 9)}-${(date >> 5) & 15}-${date & 31}`;
const byFflate = () => day(Buffer.from(zipSync({ 'pass.json': new Uint8Array(1) }, { mtime: new Date(0) })).readUInt16LE(12));
seen('fflate: date of an entry of 1970', '1980-1-1, or a refusal', said(byFflate), 'refused: date not in range 1980-2099');
const zip = new yazl.ZipFile();
zip.addBuffer(Buffer.from('x'), 'pass.json', { mtime: new Date(0), compress: false });
seen('yazl', '1980-1-1, or a refusal', day(zip.entries[0].lastModFileDate), '1980-1-1');
const other = new AdmZip();
other.addFile('pass.json', Buffer.from('x'));
other.getEntries()[0].header.time = new Date(0);
seen('adm-zip', '1980-1-1, or a refusal', day(other.toBuffer().readUInt16LE(12)), '1980-0-0');
const packed = (TZ) => execFileSync(process.execPath, ['-e', "import('fflate').then(({ zipSync }) => console.log(Buffer.from(zipSync({ a: new Uint8Array(1) }, { mtime: Date.parse('2026-11-30T12:00:00Z') })).toString('hex')))"], { env: { ...process.env, TZ }, encoding: 'utf8' });
seen('fflate: the same bytes in UTC and Paris', 'yes', packed('UTC') === packed('Europe/Paris') ? 'yes' : 'no', 'no');
JS
node look.mjs
