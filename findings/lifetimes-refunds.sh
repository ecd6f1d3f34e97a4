#!/usr/bin/env bash
# The summary that lifetimes makes from transactions counts a refund as a purchase: the day of a return adds
# one to frequency and can become recency, and its negative amount lowers the average. And the amounts of
# one day, or of one week with freq='W', are added up before they are averaged, so monetary_value depends on
# the unit.
#
# It matters because the models take frequency for repeat purchases: whoever returns things looks more loyal
# and "alive" than who keeps them. Real exports hold refunds as rows with a negative amount.
#
# The paper of Fader, Hardie and Lee defines frequency by repeat purchases. The documentation of lifetimes
# says that frequency is the number of repeat purchases, in periods with a purchase; it has no word on
# refunds.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check lifetimes==0.11.3 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1

cat > look.py <<'PY'
import warnings
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


warnings.simplefilter("ignore")
import pandas
from lifetimes.utils import summary_data_from_transaction_data
versions("lifetimes", "pandas")


def summary(rows, freq="D"):
    table = pandas.DataFrame(rows, columns=["id", "date", "amount"])
    one = summary_data_from_transaction_data(table, "id", "date", "amount", observation_period_end="2026-03-01", freq=freq).iloc[0]
    return f"frequency {one.frequency:g}, recency {one.recency:g}, value {one.monetary_value:g}"


kept = [("a", "2026-01-01", 100.0), ("a", "2026-01-10", 50.0)]
returned = kept + [("a", "2026-01-20", -50.0)]
seen("two purchases", "frequency 1, recency 9, value 50", summary(kept), "frequency 1, recency 9, value 50")
seen("the second one returned", "frequency 0 or 1, recency 0 or 9", summary(returned), "frequency 2, recency 19, value 0")
week = [("a", "2026-01-01", 10.0), ("a", "2026-01-13", 20.0), ("a", "2026-01-15", 40.0)]
seen("20 and 40 within a week, by days", "value 30", summary(week), "frequency 2, recency 14, value 30")
seen("the same by weeks", "value 30", summary(week, "W"), "frequency 1, recency 2, value 60")

close()
PY
python/bin/python look.py
