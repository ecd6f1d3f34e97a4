#!/usr/bin/env bash
# python-ulid takes the type of a number for its unit: ULID.from_timestamp(1796000000.0) is seconds,
# ULID.from_timestamp(1796000000) is milliseconds and so lies in January 1970. ULID.parse() does the same.
# to_uuid4() changes bits of the random part, so the id does not come back.
#
# It matters because the instants that services send are whole seconds: `created` of Stripe, `iat` of a
# token, int(time.time()). Their ULIDs sort before all others, and only those without a fraction do.
#
# The docstring of from_timestamp mentions both units; its type hint and name say nothing, and the
# JavaScript packages know milliseconds only. That to_uuid4() is lossy is documented.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check python-ulid==4.1.0

cat > look.py <<'PY'
from ulid import ULID
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


versions("python-ulid")
seen("year of from_timestamp(1796000000.0)", 2026, ULID.from_timestamp(1796000000.0).datetime.year, 2026)
seen("year of from_timestamp(1796000000)", 2026, ULID.from_timestamp(1796000000).datetime.year, 1970)
seen("year of parse(1796000000)", 2026, ULID.parse(1796000000).datetime.year, 1970)
seen("from_timestamp of 1796000000 and of 1796000000.0 sort alike", True, str(ULID.from_timestamp(1796000000))[:10] == str(ULID.from_timestamp(1796000000.0))[:10], False)
one = ULID.from_str("01ARZ3NDEKTSV4RRFFQ69G5FAV")
seen("the id after to_uuid() and back", one, ULID.from_uuid(one.to_uuid()), one)
seen("the id after to_uuid4() and back", one, ULID.from_uuid(one.to_uuid4()), "01ARZ3NDEK8SV8RRFFQ69G5FAV")

close()
PY
python/bin/python look.py
