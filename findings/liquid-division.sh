#!/usr/bin/env bash
# The same Liquid template prints another amount per engine. `{{ 1250 | divided_by: 100 }}` is 12.5 in
# LiquidJS and 12 in python-liquid; `{{ 2.5 | round }}` is 3 and 2, `{{ -2.5 | round }}` -3 and -2; `{{
# 19.99 | times: 100 }}` is 1998.9999999999998 and 1999.0.
#
# It matters because a message template is written for Shopify, previewed by one of these and sent by the
# other: "12 euros" and "12.5 euros" are both plausible, and half a point goes the other way in every second
# case.
#
# Shopify's reference says of divided_by that the result is rounded down when the divisor is an integer, and
# computes with BigDecimal; Ruby rounds halves away from zero. LiquidJS documents that JavaScript has one
# number type, and its filter takes a second argument for integers; python-liquid does not document its
# rounding of halves to even.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund liquidjs@10.30.1

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check python-liquid==2.3.6

cat > look.mjs <<'JS'
import { Liquid } from 'liquidjs';
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

versions('liquidjs');
const engine = new Liquid();
for (const [template, expected, described] of [
  ['{{ 1250 | divided_by: 100 }}', '12', '12.5'],
  ['{{ -7 | divided_by: 2 }}', '-4', '-3.5'],
  ['{{ 2.5 | round }}', '3', '3'],
  ['{{ -2.5 | round }}', '-3', '-3'],
  ['{{ 19.99 | times: 100 }}', '1999.0', '1998.9999999999998'],
]) seen(`liquidjs: ${template}`, expected, engine.parseAndRenderSync(template, {}), described);
seen('liquidjs: {{ 1250 | divided_by: 100, true }}', '12', engine.parseAndRenderSync('{{ 1250 | divided_by: 100, true }}', {}), '12');
JS
node look.mjs

cat > look.py <<'PY'
from liquid import Environment
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


versions("python-liquid")
for template, expected, described in [
    ("{{ 1250 | divided_by: 100 }}", "12", "12"),
    ("{{ -7 | divided_by: 2 }}", "-4", "-4"),
    ("{{ 2.5 | round }}", "3", "2"),
    ("{{ -2.5 | round }}", "-3", "-2"),
    ("{{ 19.99 | times: 100 }}", "1999.0", "1999.0"),
]:
    seen(f"python-liquid: {template}", expected, Environment().from_string(template).render(), described)

close()
PY
python/bin/python look.py
