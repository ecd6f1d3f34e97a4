/**
 * Invoked by hand (who may is decided by IAM): puts the first programme in force and makes callers' keys, whose texts
 * are in the answer and nowhere else; and, after the ledger was restored from before, erases again whoever has been
 * erased since.
 */
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { channelNames } from '../../core/channels.ts';
import { type FieldError, fieldErrors } from '../../core/contract/errors.ts';
import { channelId, idSchema, type MemberId } from '../../core/contract/ids.ts';
import { programDocument } from '../../core/program.ts';
import { createKey, type NewKey, putProgram, type Reapplied, reapplyErasures } from '../../ledger/ledger.ts';
import { type Deps, deps, programFreshMs } from '../deps.ts';

const wantedKey = z.discriminatedUnion('role', [
  z.strictObject({ name: z.string().min(1).max(64), role: z.literal('channel'), channel: channelId }),
  z.strictObject({ name: z.string().min(1).max(64), role: z.literal('ops') }),
]);
const request = z.strictObject({
  program: programDocument.optional(),
  keys: z.array(wantedKey).max(20).default([]),
  /** Or behind whom to go on, as an answer that is not complete said. */
  reapplyErasures: z.union([z.literal(true), z.strictObject({ after: idSchema('member') })]).optional(),
});

/** As whom the audit names what is done here: who may is known to IAM alone. */
const byHand = { keyId: 'setup', name: 'setup' };

export interface SetupAnswer {
  readonly program?: { readonly version: number };
  readonly keys?: Readonly<Record<string, string>>;
  readonly erasures?: Reapplied;
  readonly error?: { readonly message: string; readonly errors: readonly FieldError[] };
}

/** Time to finish a step that was begun. */
const reserveMs = 30_000;

async function reapply(
  given: Deps,
  wanted: true | { readonly after: MemberId },
  context: Context,
): Promise<Reapplied> {
  const program = await given.program();
  if (!program) throw new Error('No programme is in force: a ledger without one cannot be of use.');
  const after = wanted === true ? undefined : wanted.after;
  const hasTime = () => context.getRemainingTimeInMillis() > reserveMs;
  return reapplyErasures(given.ledger, given.erasures, program, after, given.now(), hasTime);
}

export const handler = async (event: unknown, context: Context): Promise<SetupAnswer> => {
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
    if (outcome.type === 'no_such_channel')
      return {
        error: { message: 'The programme names a channel that there is not.', errors: outcome.errors },
      };
    version = outcome.version;
    await given.sleep(version > 1 ? programFreshMs : 0);
  }
  const channels = await given.channels();
  const unknown = keys.findIndex((key) => key.role === 'channel' && !channels.has(key.channel));
  if (unknown >= 0)
    return {
      error: {
        message: 'A key is asked for of a channel that there is not.',
        errors: [{ path: `keys.${unknown}.channel`, message: `must be one of ${channelNames(channels)}` }],
      },
    };
  const made = new Map<string, string>();
  for (const key of keys)
    made.set(key.name, (await createKey(given.ledger, key satisfies NewKey, byHand, given.now())).text);
  const { reapplyErasures: wanted } = parsed.data;
  const erasures = wanted && (await reapply(given, wanted, context));
  return {
    ...(version === undefined ? {} : { program: { version } }),
    keys: Object.fromEntries(made),
    ...(erasures ? { erasures } : {}),
  };
};
