#!/usr/bin/env bash
# sqlglot turns DuckDB's dayofweek() into Trino with Sunday as 1, while DuckDB says 0: every day of the week
# moves by one. isodow(), where Monday is 1 in both, is translated rightly, and so is Trino's day_of_week()
# into DuckDB.
#
# It matters for campaigns by weekday and for cohorts: a report that was checked in DuckDB and runs on
# Athena gives Monday's turnover as Tuesday's, with all seven days present and all sums right.
#
# DuckDB's documentation: dayofweek is 0 for Sunday to 6 for Saturday, isodow 1 to 7. Trino's: day_of_week
# is the ISO day, 1 for Monday to 7 for Sunday. Not in sqlglot's documentation.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check sqlglot==30.30.0 duckdb==2.0.1

cat > look.py <<'PY'
import duckdb
from sqlglot import transpile
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


versions("sqlglot", "duckdb")
sunday = "DATE '2026-11-29'"


def value(text):
    return duckdb.sql(text).fetchall()[0][0]


seen("DuckDB's dayofweek of a Sunday", 0, value(f"SELECT dayofweek({sunday})"), 0)
translated = transpile(f"SELECT dayofweek({sunday})", read="duckdb", write="trino")[0]
seen("the same for Trino", "DAY_OF_WEEK(...) % 7", translated, "SELECT ((DAY_OF_WEEK(CAST('2026-11-29' AS DATE)) % 7) + 1)")
# Trino's day_of_week is 7 on this day, by its documentation.
seen("its value, with Trino's 7 put in", 0, value("SELECT ((7 % 7) + 1)"), 1)
back = transpile(f"SELECT day_of_week({sunday})", read="trino", write="duckdb")[0]
seen("Trino's day_of_week of that Sunday, in DuckDB", 7, value(back), 7)

close()
PY
python/bin/python look.py
