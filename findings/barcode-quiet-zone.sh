#!/usr/bin/env bash
# The white border that scanners need is not drawn by default, and each QR generator leaves out another part
# of it: uqr draws 1 module instead of 4, bwip-js none. uqr has the option `border`, bwip-js `padding` in
# points rather than modules.
#
# It matters on a till display or a dark card page: with a margin of 1 on a dark background, older imagers
# find the code late or never, and nobody blames the margin. On white pages nothing is noticed.
#
# ISO/IEC 18004 requires a quiet zone of four modules on all sides of a QR code. uqr's README shows the
# option without its default, bwip-js documents its paddings in points; neither mentions the requirement.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund uqr@0.1.3 bwip-js@4.11.4

cat > look.mjs <<'JS'
import { encode } from 'uqr';
import bwip from 'bwip-js';
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

versions('uqr', 'bwip-js');
const border = (code) => {
  const first = code.data.findIndex((row) => row.some(Boolean));
  return `${first}`;
};
const number = '2900000000018';
seen('uqr: white modules around the code', 4, border(encode(number)), 1);
seen('uqr with border: 4', 4, border(encode(number, { border: 4 })), 4);
const svg = bwip.toSVG({ bcid: 'qrcode', text: number, scale: 1 });
const size = Number(/viewBox="0 0 (\d+)/.exec(svg)[1]);
const modules = bwip.raw({ bcid: 'qrcode', text: number })[0].pixx;
seen('bwip-js: width of the SVG in modules, of a code of 21', 29, size / (size / modules), 21);
JS
node look.mjs
