/**
 * A till's scanner, for tests: reads an EAN-13 from the widths of its bars. It knows the symbology by bar
 * widths, not by the modules that the encoder draws, so that the two cannot share a mistake.
 */

/** Space, bar, space, bar of the digits 0 to 9 on the left; on the right the same widths begin with a bar. */
const widths = ['3211', '2221', '2122', '1411', '1132', '1231', '1114', '1312', '1213', '3112'];

/** Which left digits are read backwards (`B`) tells the first digit. */
const orders = [
  'FFFFFF',
  'FFBFBB',
  'FFBBFB',
  'FFBBBF',
  'FBFFBB',
  'FBBFFB',
  'FBBBFF',
  'FBFBFB',
  'FBFBBF',
  'FBBFBF',
];

/**
 * @param dark one sample per pixel from left to right, the light margins included.
 * @throws Error that says what could not be read.
 */
export function scanEan13(dark: readonly boolean[]): string {
  const runs = runsOf(dark);
  const bars = runs.slice(1, -1);
  if (bars.length !== 59) throw new Error(`59 bars and spaces make an EAN-13; here are ${bars.length}.`);
  const unit = bars.reduce((sum, run) => sum + run, 0) / 95;
  const [before = 0, after = 0] = [runs[0], runs.at(-1)];
  if (before < 11 * unit || after < 7 * unit)
    throw new Error(`The margins of ${before} and ${after} px are too narrow for modules of ${unit} px.`);
  const modules = bars.map((run) => Math.round(run / unit));
  const guards = [modules.slice(0, 3), modules.slice(27, 32), modules.slice(56)].flat();
  if (guards.some((width) => width !== 1)) throw new Error(`Guards of widths ${guards} instead of 1.`);
  const left = Array.from({ length: 6 }, (_, at) => digitAt(modules, 3 + 4 * at));
  const right = Array.from({ length: 6 }, (_, at) => digitAt(modules, 32 + 4 * at));
  if (right.some(({ order }) => order === 'B')) throw new Error('A digit on the right is mirrored.');
  const first = orders.indexOf(left.map(({ order }) => order).join(''));
  const digits = [first, ...left.map(({ digit }) => digit), ...right.map(({ digit }) => digit)];
  if (digits.some((digit) => digit < 0)) throw new Error(`Unreadable: ${digits}.`);
  const sum = digits.reduce((total, digit, at) => total + digit * (at % 2 === 0 ? 1 : 3), 0);
  if (sum % 10 !== 0) throw new Error(`The check digit of ${digits.join('')} is wrong.`);
  return digits.join('');
}

function digitAt(modules: readonly number[], at: number): { digit: number; order: 'F' | 'B' } {
  const four = modules.slice(at, at + 4);
  const forward = widths.indexOf(four.join(''));
  if (forward >= 0) return { digit: forward, order: 'F' };
  return { digit: widths.indexOf([...four].reverse().join('')), order: 'B' };
}

/** Lengths of light and dark runs in turn, the first one light. */
function runsOf(dark: readonly boolean[]): number[] {
  const runs = [0];
  let current = false;
  for (const sample of dark) {
    if (sample !== current) runs.push(0);
    current = sample;
    runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
  }
  if (current) runs.push(0);
  return runs;
}
