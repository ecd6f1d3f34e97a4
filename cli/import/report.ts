import type { Tally } from './run.ts';

/** One line for each refusal, in the order of the file. */
export function describeRefusals({ refusals }: Tally): string[] {
  return refusals
    .toSorted((one, other) => one.line - other.line)
    .map(
      ({ line, code, path, message }) => `line ${line}: ${code}: ${path === '' ? '' : `${path}: `}${message}`,
    );
}

/** The summary that ends every run. */
export function describeTally(tally: Tally, { dryRun, ms }: { dryRun: boolean; ms: number }): string {
  const refused = new Set(tally.refusals.map(({ line }) => line)).size;
  const rows: [string, string | number][] = [
    ['lines', tally.lines],
    ['purchases', tally.purchases],
    ['refunds', tally.refunds],
    ['members enrolled', tally.enrolled],
    ['refused', refused],
    ['duration', `${(ms / 1000).toFixed(1)} s`],
  ];
  const table = rows.map(([name, value]) => `${name.padEnd(18)}${value}`);
  return [...(dryRun ? ['Dry run: nothing was sent; what would be:'] : []), ...table].join('\n');
}
