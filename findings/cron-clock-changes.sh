#!/usr/bin/env bash
# Five cron libraries run a job of 02:30 in Paris at three different moments on the days the clocks change.
# In spring, when 02:30 does not exist, croner, cron, croniter and cronsim run it at 03:00, cron-parser at
# 03:30. In autumn, when 02:30 comes twice, croniter runs it twice and the others once. `0 */2 * * *`
# differs even between those that agree so far.
#
# It matters for jobs that expire points or close a day: one that runs twice doubles what is not idempotent,
# and a second job at 03:15 that relies on the first runs before it with one library and after it with
# another.
#
# Debian's cron runs jobs at a fixed hour exactly once; the Open Cron Pattern Specification 1.4 would rather
# skip a time that does not exist; POSIX says nothing. croner and cronsim document their rules; the README
# of croniter only shows how to hand over a zone, with neither case.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund croner@11.0.1 cron-parser@5.10.6 cron@4.4.0

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check croniter==7.0.0 cronsim==2.8

cat > look.mjs <<'JS'
import { Cron } from 'croner';
import { CronExpressionParser } from 'cron-parser';
import { CronTime } from 'cron';
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

versions('croner', 'cron-parser', 'cron');
const zone = 'Europe/Paris';
const short = (dates) => dates.map((date) => date.toISOString().slice(8, 16)).join(' ');
const ways = {
  croner: (pattern, from) => new Cron(pattern, { timezone: zone }).nextRuns(2, from),
  'cron-parser': (pattern, from) => {
    const runs = CronExpressionParser.parse(pattern, { tz: zone, currentDate: from });
    return [runs.next().toDate(), runs.next().toDate()];
  },
  cron: (pattern, from) => {
    const time = new CronTime(pattern, zone);
    const first = time.getNextDateFrom(from, zone).toJSDate();
    return [first, time.getNextDateFrom(first, zone).toJSDate()];
  },
};
const spring = { croner: '29T01:00 30T00:30', 'cron-parser': '29T01:30 30T00:30', cron: '29T01:00 30T00:30' };
const autumn = { croner: '25T00:30 26T01:30', 'cron-parser': '25T00:30 26T01:30', cron: '25T00:30 26T01:30' };
const every = { croner: '25T00:00 25T01:00', 'cron-parser': '25T00:00 25T03:00', cron: '25T00:00 25T03:00' };
for (const [name, next] of Object.entries(ways)) {
  seen(`${name}: 30 2 * * *, in March (UTC)`, 'once; POSIX leaves the moment open', short(next('30 2 * * *', new Date('2026-03-28T12:00:00Z'))), spring[name]);
  seen(`${name}: 30 2 * * *, in October`, '25T00:30 26T01:30, once a day', short(next('30 2 * * *', new Date('2026-10-24T12:00:00Z'))), autumn[name]);
  seen(`${name}: 0 */2 * * *, in October`, 'the same in all', short(next('0 */2 * * *', new Date('2026-10-24T22:30:00Z'))), every[name]);
}
JS
node look.mjs

cat > look.py <<'PY'
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
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
paris = ZoneInfo("Europe/Paris")


def short(dates):
    return " ".join(date.astimezone(timezone.utc).isoformat()[8:16] for date in dates)


def by_croniter(pattern, start):
    runs = croniter(pattern, start)
    return short([runs.get_next(datetime), runs.get_next(datetime)])


def by_cronsim(pattern, start):
    runs = CronSim(pattern, start)
    return short([next(runs), next(runs)])


march = datetime(2026, 3, 28, 13, tzinfo=paris)
october = datetime(2026, 10, 24, 14, tzinfo=paris)
night = datetime(2026, 10, 25, 0, 30, tzinfo=paris)
for name, next_two, spring, autumn, every in [
    ("croniter", by_croniter, "29T01:00 30T00:30", "25T00:30 25T01:30", "25T00:00 25T01:00"),
    ("cronsim", by_cronsim, "29T01:00 30T00:30", "25T00:30 26T01:30", "25T00:00 25T01:00"),
]:
    seen(f"{name}: 30 2 * * *, in March (UTC)", "once; POSIX leaves the moment open", next_two("30 2 * * *", march), spring)
    seen(f"{name}: 30 2 * * *, in October", "25T00:30 26T01:30, once a day", next_two("30 2 * * *", october), autumn)
    seen(f"{name}: 0 */2 * * *, in October", "the same in all", next_two("0 */2 * * *", night), every)

close()
PY
python/bin/python look.py
