#!/usr/bin/env bash
# `0 0 */2 * 1` means "odd days of the month, or Mondays" to croner, cron-parser and croniter, and "Mondays
# that are odd days" to cronsim and to Debian's cron: there the rule that two restricted day fields are
# joined by "or" asks whether a field begins with a star, and */2 does. Written as 1-31/2, the same days
# mean "or" to all.
#
# It matters for campaigns and expiry jobs that move between a crontab and a library: two runs in November
# become eighteen.
#
# POSIX joins the fields by "or" when neither is an asterisk and does not define steps; crontab(5) of Debian
# describes the star rule; cronsim documents that it follows Debian, the others do not mention the
# difference.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund croner@11.0.1 cron-parser@5.10.6

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check croniter==7.0.0 cronsim==2.8

cat > look.mjs <<'JS'
import { Cron } from 'croner';
import { CronExpressionParser } from 'cron-parser';
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

versions('croner', 'cron-parser');
const from = new Date('2026-10-31T12:00:00Z');
const to = Date.parse('2026-12-01T00:00:00Z');
const before = (dates) => dates.filter((date) => date.getTime() < to).length;
for (const [pattern, expected] of [['0 0 */2 * 1', '18 by "or", 2 by "and"'], ['0 0 1-31/2 * 1', '18']]) {
  seen(`croner: runs of ${pattern} in November 2026`, expected, before(new Cron(pattern, { timezone: 'UTC' }).nextRuns(40, from)), 18);
  const runs = CronExpressionParser.parse(pattern, { tz: 'UTC', currentDate: from });
  seen(`cron-parser: runs of ${pattern}`, expected, before(Array.from({ length: 40 }, () => runs.next().toDate())), 18);
}
JS
node look.mjs

cat > look.py <<'PY'
from datetime import datetime, timezone
from itertools import islice
from croniter import croniter
from cronsim import CronSim
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


versions("croniter", "cronsim")
start = datetime(2026, 10, 31, 12, tzinfo=timezone.utc)
end = datetime(2026, 12, 1, tzinfo=timezone.utc)
for pattern, expected, sim in [("0 0 */2 * 1", '18 by "or", 2 by "and"', 2), ("0 0 1-31/2 * 1", "18", 18)]:
    runs = croniter(pattern, start)
    seen(f"croniter: runs of {pattern} in November 2026", expected, sum(runs.get_next(datetime) < end for _ in range(40)), 18)
    seen(f"cronsim: runs of {pattern}", expected, sum(run < end for run in islice(CronSim(pattern, start), 40)), sim)

close()
PY
python/bin/python look.py
