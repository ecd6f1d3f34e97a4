#!/usr/bin/env bash
# In LiquidJS a value that is missing counts as 0 in `<`, though not in `==`: `{% if points < 100 %}` is
# true for a member without any points field, as long as the field is null rather than absent. In
# python-liquid, as in Ruby, the comparison with nil is false. A number in text, on the other hand, compares
# as a number in LiquidJS and is an error in python-liquid.
#
# It matters for "only 20 points to your next reward" messages: a member whose balance could not be read
# gets the message from one renderer and not from the other, and the preview may be the other one.
#
# Shopify's Liquid compares nil with anything by < and > to false and raises "comparison of String with 100
# failed". LiquidJS documents its differences from Ruby's Liquid on a page of its own, which does not name
# this one.
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
const render = (template, scope) => engine.parseAndRenderSync(template, scope);
const under = '{% if points < 100 %}yes{% else %}no{% endif %}';
seen('points < 100, points is null', 'no', render(under, { points: null }), 'yes');
seen('points < 100, points is absent', 'no', render(under, {}), 'no');
seen('points == 0, points is null', 'no', render('{% if points == 0 %}yes{% else %}no{% endif %}', { points: null }), 'no');
seen("points < 100, points is '20'", 'an error', render(under, { points: '20' }), 'yes');
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
under = "{% if points < 100 %}yes{% else %}no{% endif %}"


def render(template, **scope):
    return Environment().from_string(template).render(**scope)


seen("points < 100, points is null", "no", render(under, points=None), "no")
seen("points < 100, points is absent", "no", render(under), "no")
seen("points < 100, points is '20'", "an error", str(said(lambda: render(under, points="20")))[:7], "refused")

close()
PY
python/bin/python look.py
