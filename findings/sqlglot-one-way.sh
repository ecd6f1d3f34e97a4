#!/usr/bin/env bash
# sqlglot translates three things between DuckDB and Trino (Athena) in one direction only. From DuckDB it
# knows that 7 / 2 is a fraction and that date_diff counts boundaries; from Trino it leaves both as they
# are, so 3 becomes 3.5 and "no full month" becomes 1. From Trino it knows that greatest() of a null is
# null; from DuckDB it leaves that out.
#
# It matters for a lake that is asked by Athena and tested in DuckDB: points per 100 cents become fractions,
# the months since the last purchase of nearly every member are one too many at the turn of the month, and
# each translation looks tested, as the other direction is right.
#
# Trino's documentation: integer division truncates; date_diff gives complete units; greatest is null if any
# argument is. DuckDB's: / is always a fraction, date_diff counts boundaries (datesub complete units),
# greatest ignores nulls. Not in sqlglot's documentation.
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


def to_duckdb(text):
    return transpile(text, read="trino", write="duckdb")[0]


def value(text):
    return str(duckdb.sql(text).fetchall()[0][0])


months = "SELECT date_diff('month', DATE '2026-01-31', DATE '2026-02-01')"
seen("Trino's 7 / 2, in DuckDB", "3", value(to_duckdb("SELECT 7 / 2")), "3.5")
seen("Trino's months from 31 January to 1 February, in DuckDB", "0", value(to_duckdb(months)), "1")
seen("Trino's greatest(1, NULL), in DuckDB", "None", value(to_duckdb("SELECT greatest(1, NULL)")), "None")
for text, expected, described in [
    ("SELECT 7 / 2", "a cast to DOUBLE", "SELECT CAST(7 AS DOUBLE) / 2"),
    (
        months,
        "the start of each month",
        "SELECT DATE_DIFF('MONTH', DATE_TRUNC('MONTH', CAST('2026-01-31' AS DATE)), DATE_TRUNC('MONTH', CAST('2026-02-01' AS DATE)))",
    ),
    ("SELECT greatest(1, NULL)", "1, by COALESCE or CASE", "SELECT GREATEST(1, NULL)"),
]:
    seen(f"DuckDB's {text}, for Trino", expected, transpile(text, read="duckdb", write="trino")[0], described)

close()
PY
python/bin/python look.py
