/** At the start: whether the Apple credentials that a person put here can be used, by the template's own check. */
import { existsSync } from 'node:fs';
import type { FunctionPool } from './functions/pool.ts';
import type { Model } from './resources/model.ts';

export interface CheckSettings {
  readonly model: Pick<Model, 'functions'>;
  readonly pool: Pick<FunctionPool, 'invoke'>;
  /** The person's own secret; the stand-ins' needs no check. */
  readonly path: string;
  warn(message: string): void;
}

/** Says what is wrong and goes on: all else works without Apple, and the secret can be put right meanwhile. */
export async function checkAppleSecret({ model, pool, path, warn }: CheckSettings): Promise<void> {
  const check = model.functions.find(({ name }) => name.endsWith('certificates'));
  if (!check || !existsSync(path)) return;
  const outcome = await pool.invoke(check.name, {});
  if (outcome.kind !== 'answer') {
    warn(`${path} could not be checked: ${outcome.error.errorMessage}`);
    return;
  }
  const { problem } = JSON.parse(outcome.payload) as { problem?: string };
  if (problem !== undefined) warn(`${path} cannot be used, so there are no Apple passes: ${problem}`);
}
