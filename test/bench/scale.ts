/**
 * `npm run bench:scale [-- --against PATH]`: what the system bears at ten million members and a thousand purchases a
 * second, computed from the code's own constants and from what its requests are measured to cost in this run. The exit
 * status is 1 when a ceiling is below what is wanted. Beside it what some requests come to here and in another
 * checkout, counted by the same probe in a process of its own.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Ceiling, isReached } from '../scale/ceiling.ts';
import { doorCeilings, purchaseCpuMs } from '../scale/doors.ts';
import type { Probed } from '../scale/probe.ts';
import { spendingCeilings } from '../scale/spending.ts';
import { walkCeilings } from '../scale/walks.ts';
import { walletCeilings } from '../scale/wallets.ts';

const { values } = parseArgs({ options: { against: { type: 'string' } } });
const here = join(import.meta.dirname, '../..');

const ceilings: Ceiling[] = [
  ...(await walkCeilings()),
  ...(await walletCeilings()),
  ...(await spendingCeilings()),
  ...doorCeilings(await purchaseCpuMs()),
];

const shown = (value: number) => value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : 0 });
for (const one of ceilings) {
  const { path, value, wanted, better, unit, bound } = one;
  const asked = `${better === 'more' ? '≥' : '≤'} ${shown(wanted)}`;
  const mark = isReached(one) ? ' ' : '!';
  console.log(
    `${mark} ${path.padEnd(48)}${shown(value).padStart(9)} ${asked.padStart(9)} ${unit.padEnd(12)} ${bound}`,
  );
}

async function probed(tree: string): Promise<Probed> {
  const script = join(here, 'test/scale/probe.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, tree], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const rows: readonly (readonly [string, (probe: Probed) => number])[] = [
  ['an erasure, 10 exceptions of others', ({ erasure }) => erasure[0] ?? 0],
  ['an erasure, 2,000 exceptions of others', ({ erasure }) => erasure[1] ?? 0],
  ['exceptions of a rare type, 10 others', ({ list }) => list[0] ?? 0],
  ['exceptions of a rare type, 2,000 others', ({ list }) => list[1] ?? 0],
  ["a purchase's budget", ({ budget }) => budget],
  ['a return, of a thousand purchases', ({ returned }) => returned],
];
const own = await probed(here);
const other = values.against === undefined ? undefined : await probed(values.against);
console.log(`\n${'requests of'.padEnd(48)}${'here'.padStart(9)}${other ? 'there'.padStart(9) : ''}`);
for (const [name, of] of rows)
  console.log(
    `${name.padEnd(48)}${String(of(own)).padStart(9)}${other ? String(of(other)).padStart(9) : ''}`,
  );

const missed = ceilings.filter((one) => !isReached(one));
if (missed.length > 0) {
  console.error(`\nBelow what is wanted: ${missed.map(({ path }) => path).join('; ')}.`);
  process.exitCode = 1;
}
