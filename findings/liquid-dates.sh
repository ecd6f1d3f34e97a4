#!/usr/bin/env bash
# The `date` filter reads the same text as different days. An instant with an offset keeps its own wall
# clock in python-liquid and is moved to the process's time zone by LiquidJS, over midnight if need be.
# '30/11/2026' comes out unformatted in LiquidJS, and python-liquid guesses: 30/11 is 30 November, 11/12 is
# 12 November.
#
# It matters for "your points expire on": the day in the message is one day off for evening purchases, and
# the guess changes from day-first to month-first inside one list of dates.
#
# Shopify's Liquid parses with Ruby's Time.parse, which keeps the offset and reads 11/12/2026 as 11
# December. LiquidJS documents the options timezoneOffset and preserveTimezones, the latter off unless set;
# python-liquid leaves the parsing to dateutil, which documents that it prefers the month first unless that
# is impossible.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund liquidjs@10.30.1

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check python-liquid==2.3.6

export TZ=UTC

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
const evening = "{{ '2026-11-30T23:30:00-05:00' | date: '%d %B %H:%M' }}";
const render = (template, options = {}) => new Liquid(options).parseAndRenderSync(template, {});
seen('liquidjs, 23:30 at -05:00', '30 November 23:30', render(evening), '01 December 04:30');
seen('the same with preserveTimezones', '30 November 23:30', render(evening, { preserveTimezones: true }), '30 November 23:30');
seen("liquidjs, '30/11/2026'", '30 November', render("{{ '30/11/2026' | date: '%d %B' }}"), '30/11/2026');
seen("liquidjs, '11/12/2026'", '11 December', render("{{ '11/12/2026' | date: '%d %B' }}"), '12 November');
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


def render(template):
    return Environment().from_string(template).render()


seen("python-liquid, 23:30 at -05:00", "30 November 23:30", render("{{ '2026-11-30T23:30:00-05:00' | date: '%d %B %H:%M' }}"), "30 November 23:30")
seen("python-liquid, '30/11/2026'", "30 November", render("{{ '30/11/2026' | date: '%d %B' }}"), "30 November")
seen("python-liquid, '11/12/2026'", "11 December", render("{{ '11/12/2026' | date: '%d %B' }}"), "12 November")

close()
PY
python/bin/python look.py
