#!/usr/bin/env bash
# Whether a CEL condition may compare a whole number with a fraction depends on the library, and in one of
# them on which of the two is written first. cel-python takes `4.0 < 10` and refuses `10 < 4.0`;
# @marcbachmann/cel-js takes `1 < 1.5` and refuses `1 == 1.0`, as a strict type checker may; @bufbuild/cel
# and common-expression-language take all of them.
#
# It matters because quantities are fractions (0.35 kg) while rules are written with whole numbers: a rule
# `line.quantity == 2` that one engine accepts is an error in the engine of the analysts, and the member
# gets nothing in one of the two.
#
# The CEL language definition says under "Numeric Values" and "Equality" that int, uint and double are
# compared on one number line at run time, in any combination; equality of two different static types may be
# refused by a type checker. The order-dependent refusal of cel-python is known in its issue list, not in
# its documentation.
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
const answer = (act) => (String(said(act)).startsWith('refused') ? 'refused' : act());
const cases = [
  ['1 < 1.5', true, 'true', 'true'],
  ['1 == 1.0', true, 'refused', 'true'],
  ['1 in [1.0]', true, 'refused', 'true'],
  ['dyn(1) == dyn(1.0)', true, 'true', 'true'],
];
for (const [text, expected, marc, buf] of cases) {
  seen(`@marcbachmann/cel-js: ${text}`, expected, answer(() => evaluate(text, {})), marc);
  seen(`@bufbuild/cel: ${text}`, expected, answer(() => run(text, {})), buf);
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
    return bool(environment.program(environment.compile(text)).evaluate({}))


for text, expected, pure, rust in [
    ("4.0 < 10", "True", "True", "True"),
    ("10 < 4.0", "False", "refused", "False"),
    ("10 > 4.0", "True", "refused", "True"),
    ("1 == 1.0", "True", "refused", "True"),
]:
    shorten = lambda answer: "refused" if str(answer).startswith("refused") else answer
    seen(f"cel-python: {text}", expected, shorten(said(lambda: with_celpy(text))), pure)
    seen(f"common-expression-language: {text}", expected, shorten(said(lambda: cel.evaluate(text, {}))), rust)

close()
PY
python/bin/python look.py
