#!/usr/bin/env bash
# Four CEL libraries give three answers on the same text. size('🎁') is 1 in three of them and 4 in
# common-expression-language, which counts bytes; and the two JavaScript engines sort 'ａ' (a full-width
# letter) behind '🎁', the two Python ones before it.
#
# It matters because segments such as "names longer than 20" or "from A to M" are evaluated by one engine at
# the till and by another in the lake: with bytes, every name with an accent is longer than it is, and lists
# of members split at a name do not fit together at the seam.
#
# The CEL language definition says that a string is a sequence of Unicode code points, that size() is their
# number, and that strings are ordered by code points. JavaScript compares UTF-16 units, which differs above
# U+FFFF. Not documented by the libraries.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @marcbachmann/cel-js@8.0.0 @bufbuild/cel@0.6.1

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check cel-python==0.5.0 common-expression-language==0.10.0

cat > look.mjs <<'JS'
import { evaluate } from '@marcbachmann/cel-js';
import { run } from '@bufbuild/cel';
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

versions('@marcbachmann/cel-js', '@bufbuild/cel');
for (const [name, engine] of [['@marcbachmann/cel-js', evaluate], ['@bufbuild/cel', run]]) {
  seen(`${name}: size('🎁')`, 1, engine("size('🎁')", {}), 1);
  seen(`${name}: 'ａ' < '🎁', U+FF41 and U+1F381`, true, engine("'ａ' < '🎁'", {}), false);
}
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


def with_celpy(text):
    return environment.program(environment.compile(text)).evaluate({})


seen("cel-python: size('🎁')", 1, int(with_celpy("size('🎁')")), 1)
seen("common-expression-language: size('🎁')", 1, cel.evaluate("size('🎁')", {}), 4)
seen("common-expression-language: size('Zoë')", 3, cel.evaluate("size('Zoë')", {}), 4)
seen("cel-python: 'ａ' < '🎁'", True, bool(with_celpy("'ａ' < '🎁'")), True)
seen("common-expression-language: 'ａ' < '🎁'", True, cel.evaluate("'ａ' < '🎁'", {}), True)

close()
PY
python/bin/python look.py
