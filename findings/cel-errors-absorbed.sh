#!/usr/bin/env bash
# In CEL, `||` and `&&` absorb an error on either side when the other side decides, and the macros exists()
# and all() do the same over a list. cel-js evaluates both sides of `||` and fails on either, even for `true
# || ...`; common-expression-language absorbs in the operators and forgets it in the macros. The expressions
# below are true or false everywhere else.
#
# It matters because rule authors lean on it: "no division for a member without purchases, or gold tier" is
# written in either order, and "some line costs more than 5 a piece" must not fail on a free line of
# quantity 0.
#
# The CEL language definition describes the operators as commutative with regard to errors and defines
# exists() and all() as folds with these operators. Neither deviation is in the libraries' documentation.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund cel-js@0.8.2 @marcbachmann/cel-js@8.0.0

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check cel-python==0.5.0 common-expression-language==0.10.0

cat > look.mjs <<'JS'
import { evaluate as loose } from 'cel-js';
import { evaluate as marc } from '@marcbachmann/cel-js';
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

versions('cel-js', '@marcbachmann/cel-js');
seen('cel-js: true || 1 / 0 == 0', true, said(() => loose('true || 1 / 0 == 0', {})), 'refused: Division by zero');
seen('cel-js: 1 / 0 == 0 || true', true, said(() => loose('1 / 0 == 0 || true', {})), 'refused: Division by zero');
seen('@marcbachmann/cel-js: 1 / 0 == 0 || true', true, said(() => marc('1 / 0 == 0 || true', {})), true);
seen('@marcbachmann/cel-js: [0, 2].exists(n, 10 / n == 5)', true, said(() => marc('[0, 2].exists(n, 10 / n == 5)', {})), true);
JS
node look.mjs

cat > look.py <<'PY'
import logging
import cel
import celpy
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


logging.disable(logging.CRITICAL)
versions("cel-python", "common-expression-language")
environment = celpy.Environment()
text = "[0, 2].exists(n, 10 / n == 5)"
seen(f"cel-python: {text}", True, bool(environment.program(environment.compile(text)).evaluate({})), True)
seen("common-expression-language: 1 / 0 == 0 || true", True, said(lambda: cel.evaluate("1 / 0 == 0 || true", {})), True)
seen(
    f"common-expression-language: {text}",
    True,
    said(lambda: cel.evaluate(text, {})),
    "refused: division by zero in CEL expression",
)

close()
PY
python/bin/python look.py
