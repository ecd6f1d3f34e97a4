/**
 * Invoked by hand (who may is decided by IAM): puts the first programme in force and makes callers' keys. The
 * keys' texts are in the answer and nowhere else.
 */
import * as z from 'zod';
import { type FieldError, fieldErrors } from '../core/contract/errors.ts';
import { channels } from '../core/contract/ids.ts';
import { programDocument } from '../core/program.ts';
import { createKey, type NewKey, putProgram } from '../ledger/ledger.ts';
import { deps, programFreshMs } from './deps.ts';

const wantedKey = z.discriminatedUnion('role', [
  z.strictObject({ name: z.string().min(1).max(64), role: z.literal('channel'), channel: z.enum(channels) }),
  z.strictObject({ name: z.string().min(1).max(64), role: z.literal('ops') }),
]);
const request = z.strictObject({
  program: programDocument.optional(),
  keys: z.array(wantedKey).max(20).default([]),
});

/** As whom the audit names what is done here: who may is known to IAM alone. */
const byHand = { keyId: 'setup', name: 'setup' };

export interface SetupAnswer {
  readonly program?: { readonly version: number };
  readonly keys?: Readonly<Record<string, string>>;
  readonly error?: { readonly message: string; readonly errors: readonly FieldError[] };
}

export const handler = async (event: unknown): Promise<SetupAnswer> => {
  const parsed = request.safeParse(event);
  if (!parsed.success)
    return { error: { message: 'The request is not valid.', errors: fieldErrors(parsed.error) } };
  const given = await deps();
  const { program, keys } = parsed.data;
  let version: number | undefined;
  if (program) {
    const outcome = await putProgram(given.ledger, program, byHand, given.now());
    if (outcome.type === 'contended')
      return { error: { message: 'Somebody else put a programme at the same moment.', errors: [] } };
    version = outcome.version;
    await given.sleep(version > 1 ? programFreshMs : 0);
  }
  const made: Record<string, string> = {};
  for (const key of keys)
    made[key.name] = (await createKey(given.ledger, key satisfies NewKey, byHand, given.now())).text;
  return { ...(version === undefined ? {} : { program: { version } }), keys: made };
};
