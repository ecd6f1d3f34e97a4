import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';
import { type Named, named, nameOf, root } from './stryker.ts';

type Logger = ConstructorParameters<typeof Instrumenter>[0];

const nothing = () => {};
const not = () => false;
const quiet: Logger = {
  ...{ isTraceEnabled: not, isDebugEnabled: not, isInfoEnabled: not, isWarnEnabled: not },
  ...{ isErrorEnabled: not, isFatalEnabled: not },
  ...{ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing, fatal: nothing },
};

/** As many mutants of these files, each as likely as any other; the same for the same seed. */
export async function drawn(files: readonly string[], size: number, seed: string) {
  const sources = files.map((file) => {
    const name = join(root, file);
    return { name, mutate: true, content: readFileSync(name, 'utf8') };
  });
  const { mutants } = await new Instrumenter(quiet).instrument(sources, {
    ignorers: [],
    excludedMutations: [],
    plugins: null,
  });
  const lot = (mutant: Named) =>
    createHash('sha256')
      .update(`${seed} ${nameOf(mutant)}`)
      .digest('hex');
  const lots = mutants.map(named).map((mutant) => ({ mutant, lot: lot(mutant) }));
  lots.sort((a, b) => (a.lot < b.lot ? -1 : 1));
  return { of: lots.length, mutants: lots.slice(0, size).map(({ mutant }) => mutant) };
}

/** Wilson's interval of 95 % for the share that such a sample was drawn from. */
export function interval(part: number, whole: number): [number, number] {
  const z = 1.959964;
  const share = part / whole;
  const middle = share + z ** 2 / (2 * whole);
  const half = z * Math.sqrt((share * (1 - share)) / whole + z ** 2 / (4 * whole ** 2));
  const scale = 1 + z ** 2 / whole;
  return [(middle - half) / scale, (middle + half) / scale];
}
