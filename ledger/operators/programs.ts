/** The programme's versions. The newest is in force; every entry names the version it was computed with. */
import { utc } from '../../core/contract/shapes/basics.ts';
import type { Program, ProgramDocument } from '../../core/program.ts';
import { type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import { fromItem, keys, type StoredProgram, toItem } from '../store/items.ts';
import { absent, type Write } from '../store/store.ts';
import { auditWrite, type Operator } from './audit.ts';

/** The programme in force, or undefined before the first was put. */
export async function currentProgram(context: LedgerContext): Promise<StoredProgram | undefined> {
  const item = await context.store.get(keys.currentProgram);
  return item && fromItem(item, 'program');
}

/** A version of the programme, or undefined when there is none such. */
export async function programAt(context: LedgerContext, version: number): Promise<Program | undefined> {
  const item = await context.store.get(keys.programVersion(version));
  return item && toProgram(fromItem(item, 'program'));
}

export function toProgram(stored: StoredProgram): Program {
  return { ...stored.document, version: stored.version };
}

export interface ProgramPut {
  readonly type: 'put';
  readonly version: number;
}
/** Somebody else put one at the same moment: whose is to be in force they have to agree on. */
type Contended = { readonly type: 'contended' };

/** Puts a checked document in force as the next version, and remembers who did. */
export async function putProgram(
  context: LedgerContext,
  document: ProgramDocument,
  by: Operator,
  now: number,
): Promise<ProgramPut | Contended> {
  const answer = (body: ProgramPut) => ({ status: 200, body });
  const result = await putProgramOnce(context, document, by, { once: undefined, answer }, now);
  if (result.type === 'contended') return result;
  return outcomeOf<ProgramPut>(async () => result);
}

/**
 * The same, once for a key. Of the programme nothing is kept with the key but what the answer holds, so that a
 * document may be as large as an item of the table.
 */
export async function putProgramOnce(
  context: LedgerContext,
  document: ProgramDocument,
  by: Operator,
  reply: Reply<ProgramPut>,
  now: number,
): Promise<Once | Contended> {
  try {
    return await decideOnce(context, 'Putting the programme', reply.once, now, async ({ found }) => {
      // Another version was put since this one was decided.
      if (found.has(keys.currentProgram)) throw new LedgerUnavailable('contended', 'Putting the programme');
      const { version, writes } = await nextVersion(context, document, by, now);
      return { answer: reply.answer({ type: 'put', version }), writes };
    });
  } catch (error) {
    if (error instanceof LedgerUnavailable && error.reason === 'contended') return { type: 'contended' };
    throw error;
  }
}

async function nextVersion(
  context: LedgerContext,
  document: ProgramDocument,
  by: Operator,
  now: number,
): Promise<{ version: number; writes: Write[] }> {
  const current = await currentProgram(context);
  const version = (current?.version ?? 0) + 1;
  const stored: StoredProgram = { version, document, putAt: utc(now), putBy: by.keyId };
  const done = { action: 'put_program', subject: `program version ${version}`, reason: null };
  return {
    version,
    writes: [
      { put: toItem(keys.programVersion(version), 'program', stored), if: absent },
      {
        put: toItem(keys.currentProgram, 'program', stored),
        if: current ? { kind: 'unchanged', fields: { version: current.version } } : absent,
      },
      auditWrite(context, by, done, now),
    ],
  };
}
