/**
 * `npm run bench:units [-- --against PATH]`: what a usual purchase costs, counted from its own requests by AWS's
 * rule, and what it sets in motion behind the ledger's transaction; beside it the same of another checkout, by that
 * one's own code. The number of entries that a member has must not matter.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Measured, Units } from './units-of.ts';

const { values } = parseArgs({ options: { against: { type: 'string' } } });
const script = join(import.meta.dirname, 'units-of.ts');

/** Each in a process of its own: modules of both would share what instances keep. */
async function unitsOf(tree: string): Promise<Units> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, tree], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const here = join(import.meta.dirname, '../..');
const ours = await unitsOf(here);
const others = values.against === undefined ? undefined : await unitsOf(values.against);

const messagesOf = ({ messages }: Measured) => Object.values(messages).reduce((sum, count) => sum + count, 0);
const rows: readonly (readonly [string, (units: Units) => number])[] = [
  ...[10, 100, 1000].flatMap((entries) => {
    const of = (units: Units) => units.withoutCard[entries] as Measured;
    return [
      [`${entries} entries: requests of the ledger`, (units: Units) => of(units).ledger.requests],
      [`${entries} entries: write units`, (units: Units) => of(units).ledger.written],
      [`${entries} entries: read units`, (units: Units) => of(units).ledger.read],
    ] as const;
  }),
  ['with a stamp card: write units', (units: Units) => units.withStamps.ledger.written],
  ...(['without a card', 'with Apple', 'with Google'] as const).flatMap((who) => {
    const of = (units: Units) =>
      ({
        'without a card': units.withoutCard[10] as Measured,
        'with Apple': units.withApple,
        'with Google': units.withGoogle,
      })[who];
    return [
      [`${who}: messages on queues`, (units: Units) => messagesOf(of(units))],
      [`${who}: reads behind the ledger`, (units: Units) => of(units).behind.reads],
      [`${who}: read units behind it`, (units: Units) => of(units).behind.read],
      [`${who}: write units behind it`, (units: Units) => of(units).behind.written],
    ] as const;
  }),
];

const head = ['a usual purchase', 'here', ...(others ? ['there', 'here / there'] : [])];
const lines = rows.map(([name, value]) => {
  const own = value(ours);
  if (!others) return [name, String(own)];
  const other = value(others);
  return [name, String(own), String(other), other === 0 ? '' : (own / other).toFixed(2)];
});
for (const [name = '', ...cells] of [head, ...lines])
  console.log(name.padEnd(40) + cells.map((cell) => cell.padStart(13)).join(''));
