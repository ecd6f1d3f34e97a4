#!/usr/bin/env bash
# CEL libraries lose fractions of seconds silently, each at another place. @marcbachmann/cel-js keeps a
# timestamp as a JavaScript Date, so two instants 456 microseconds apart are equal; cel-python keeps the
# instant but drops the fraction when a timestamp or a duration is turned into text.
#
# It matters because tills number receipts by instants with microseconds, and a condition such as "this
# purchase came after that one" or an id built from string(timestamp) gives another answer in the engine of
# the shop than in the one that plays the rules again.
#
# The CEL language definition takes timestamps and durations from the Protocol Buffers well-known types,
# with a resolution of nanoseconds, and string(duration) has to keep the fraction ("1.5s"). Neither loss is
# documented by the libraries.
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
const later = "timestamp('2026-11-30T10:00:00.123456Z') > timestamp('2026-11-30T10:00:00.123Z')";
seen(`@marcbachmann/cel-js: ${later}`, true, evaluate(later, {}), false);
seen(`@bufbuild/cel: ${later}`, true, run(later, {}), true);
const text = "string(duration('1.5s'))";
seen(`@bufbuild/cel: ${text}`, '1.5s, or 1.500s as Protocol Buffers print it', run(text, {}), '1.500s');
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


later = "timestamp('2026-11-30T10:00:00.123456Z') > timestamp('2026-11-30T10:00:00.123Z')"
seen(f"cel-python: {later}", True, bool(with_celpy(later)), True)
for text, expected, pure, rust in [
    ("string(duration('1.5s'))", "1.5s", "1s", "1.5s"),
    (
        "string(timestamp('2026-11-30T10:00:00.100Z'))",
        "2026-11-30T10:00:00.1Z",
        "2026-11-30T10:00:00Z",
        "2026-11-30T10:00:00.100+00:00",
    ),
]:
    seen(f"cel-python: {text}", expected, str(with_celpy(text)), pure)
    seen(f"common-expression-language: {text}", expected, cel.evaluate(text, {}), rust)

close()
PY
python/bin/python look.py
