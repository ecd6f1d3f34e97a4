#!/usr/bin/env bash
# Quantile sketches answer with prices that nobody paid. With 50 baskets of 10 and 50 of 1000, the median is
# 10 by definition; DuckDB's approx_quantile, tdigest and fastdigest say about 505. The other way round, the
# share of baskets up to 10 is 0.5, and is 0 by fastdigest and 0.25 by tdigest; KLL of Apache DataSketches
# gives 0 or 0.5, by a flag.
#
# It matters for tier limits and RFM scores, which are cut at quantiles of few different values (one, two,
# three visits): half of the members share the value at the cut and fall on the wrong side of it.
#
# The papers on t-digests bound the rank and say little about ties. DuckDB documents approx_quantile as
# approximate and does not say that it interpolates; DataSketches documents the flag `inclusive`, off by
# default for ranks.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

echo '{ "type": "module", "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund tdigest@0.1.3

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check duckdb==2.0.1 fastdigest==0.12.0 datasketches==5.2.0 numpy==2.4.6

cat > look.mjs <<'JS'
import digests from 'tdigest';
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

versions('tdigest');
const digest = new digests.TDigest();
for (let basket = 0; basket < 50; basket++) digest.push([10, 1000]);
digest.compress();
seen('tdigest: median', 10, digest.percentile(0.5), 505);
seen('tdigest: share up to 10', 0.5, digest.p_rank(10), 0.25);
JS
node look.mjs

cat > look.py <<'PY'
import datasketches
import duckdb
from fastdigest import TDigest
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


versions("duckdb", "fastdigest", "datasketches")
baskets = "(SELECT 10 AS amount FROM range(50) UNION ALL SELECT 1000 FROM range(50))"
seen("DuckDB: quantile_disc", 10, duckdb.sql(f"SELECT quantile_disc(amount, 0.5) FROM {baskets}").fetchall()[0][0], 10)
seen("DuckDB: approx_quantile", 10, duckdb.sql(f"SELECT approx_quantile(amount, 0.5) FROM {baskets}").fetchall()[0][0], 505)
digest = TDigest.from_values([10] * 50 + [1000] * 50)
seen("fastdigest: median", 10, round(digest.quantile(0.5)), 505)
seen("fastdigest: share up to 10", 0.5, digest.cdf(10), 0.0)
sketch = datasketches.kll_floats_sketch(200)
for amount in [10] * 50 + [1000] * 50:
    sketch.update(amount)
seen("KLL: share up to 10", 0.5, sketch.get_rank(10), 0.0)
seen("KLL: share up to 10, inclusive", 0.5, sketch.get_rank(10, True), 0.5)

close()
PY
python/bin/python look.py
