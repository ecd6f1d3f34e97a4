#!/usr/bin/env bash
# "The public holidays of GB" are two lists. date-holidays counts for a country what most of it keeps,
# Python's holidays what all of it keeps: Easter Monday, which Scotland does not have, is in the first and
# not in the second, and Switzerland has 7 days more in the first. Canada's Christmas of 2027, a Saturday,
# has a day in lieu in the second only.
#
# It matters for opening hours, waiting times in working days and "double points on bank holidays": the
# service in Node and the report in Python disagree about a handful of days a year, which no test on New
# Year's Day finds.
#
# Each library documents that states and regions are separate arguments. What a country means without one is
# not in the README of date-holidays; holidays says that it then gives the national ones. No standard
# defines it.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund date-holidays@3.37.0

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check holidays==0.109

cat > look.mjs <<'JS'
import Holidays from 'date-holidays';
import { writeFileSync } from 'node:fs';
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

versions('date-holidays');
const days = (country, year) => new Holidays(country).getHolidays(year).filter(({ type }) => type === 'public').map(({ date }) => date.slice(0, 10));
const lists = { GB: days('GB', 2026), CH: days('CH', 2026), CA: days('CA', 2027), FR: days('FR', 2026) };
seen('date-holidays: Easter Monday 2026 in GB', 'one answer', lists.GB.includes('2026-04-06') ? 'yes' : 'no', 'yes');
writeFileSync('days.json', JSON.stringify(lists));
JS
node look.mjs

cat > look.py <<'PY'
import json
import holidays
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


versions("holidays")
lists = json.load(open("days.json"))
for country, year, first, second in [
    ("FR", 2026, "none", "none"),
    ("GB", 2026, "2026-04-06", "none"),
    ("CH", 2026, "2026-04-03 2026-04-05 2026-04-06 2026-05-24 2026-05-25 2026-09-20 2026-12-26", "none"),
    ("CA", 2027, "none", "2027-12-27"),
]:
    mine = {str(day) for day in holidays.country_holidays(country, years=year)}
    theirs = set(lists[country])
    seen(f"{country} {year}: only in date-holidays", "none", " ".join(sorted(theirs - mine)) or "none", first)
    seen(f"{country} {year}: only in holidays", "none", " ".join(sorted(mine - theirs)) or "none", second)

close()
PY
python/bin/python look.py
