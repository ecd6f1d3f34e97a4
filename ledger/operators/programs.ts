/** The programme's versions. The newest is in force; every entry names the version it was computed with. */
import { canonicalJson } from '../../core/canonical.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { type Program, type ProgramDocument, programDocument } from '../../core/program.ts';
import { programDifference } from '../../core/program-difference.ts';
import { type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import {
  fromItem,
  keys,
  programPk,
  programVersionPrefix,
  type StoredProgram,
  toItem,
} from '../store/items.ts';
import { absent, type Write } from '../store/store.ts';
import { auditWrite, type Operator } from './audit.ts';

/** The programme in force, or undefined before the first was put. */
export async function currentProgram(context: LedgerContext): Promise<StoredProgram | undefined> {
  const item = await context.store.get(keys.currentProgram);
  return item && fromItem(item, 'program');
}

/** So many versions are kept: more than vouchers of one card hang on, and each is at most as large as an item. */
const keptMax = 32;
const kept = new WeakMap<LedgerContext, Map<number, Promise<Program | undefined>>>();

/**
 * A version of the programme, or undefined when there is none such. A version never changes, so each is read once for
 * the life of an instance, unless it was put aside for newer ones.
 */
export async function programAt(context: LedgerContext, version: number): Promise<Program | undefined> {
  const versions = kept.get(context) ?? new Map<number, Promise<Program | undefined>>();
  kept.set(context, versions);
  const reading = versions.get(version) ?? readVersion(context, version);
  // Behind the others, as the one that was asked for last.
  versions.delete(version);
  versions.set(version, reading);
  for (const oldest of versions.keys()) if (versions.size > keptMax) versions.delete(oldest);
  // What there is not may be put, and what could not be read is to be tried again.
  const forget = () => {
    if (versions.get(version) === reading) versions.delete(version);
  };
  const program = await reading.catch((error: unknown) => {
    forget();
    throw error;
  });
  if (!program) forget();
  return program;
}

async function readVersion(context: LedgerContext, version: number): Promise<Program | undefined> {
  const item = await context.store.get(keys.programVersion(version));
  return item && toProgram(fromItem(item, 'program'));
}

export function toProgram(stored: StoredProgram): Program {
  return { ...stored.document, version: stored.version };
}

/** A version as it was put, or undefined when there is none such. */
export async function storedProgram(
  context: LedgerContext,
  version: number,
): Promise<StoredProgram | undefined> {
  const item = await context.store.get(keys.programVersion(version));
  return item && fromItem(item, 'program');
}

/** A version and what it changed of the one before, in sentences. */
export interface ProgramVersion {
  readonly stored: StoredProgram;
  readonly changes: readonly string[];
}

/**
 * Versions, newest first. Each is read with the one before it.
 * @param page `before` is the last version of the page before
 */
export async function listPrograms(
  context: LedgerContext,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<ProgramVersion[]> {
  const items = await context.store.query(programPk, {
    prefix: programVersionPrefix,
    descending: true,
    limit: limit + 1,
    ...(before === undefined ? {} : { after: keys.programVersion(before).sk }),
  });
  const versions = items.map((item) => fromItem(item, 'program'));
  return versions.slice(0, limit).map((stored, index) => {
    const previous = versions[index + 1];
    const changes = previous ? programDifference(previous.document, stored.document) : [];
    return { stored, changes: changes.map(({ text }) => text) };
  });
}

/** What became of a document: `unchanged` where the version in force says the same, and stays. */
export interface ProgramPut {
  readonly type: 'put' | 'unchanged';
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

/** A document to put, and the version it was taken from where it is an earlier one. */
interface ToPut {
  readonly document: ProgramDocument;
  readonly restores?: number;
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
  const wanted = async (): Promise<ToPut> => ({ document });
  return putOnce<never>(context, wanted, by, reply, now);
}

/** Why an earlier version cannot come back: there is none such, or what it says is not let through any more. */
export type NoRollback =
  | { readonly type: 'missing' }
  | {
      readonly type: 'not_valid';
      readonly error: NonNullable<ReturnType<typeof programDocument.safeParse>['error']>;
    };

/** Puts the content of an earlier version in force again, as the next version: what entries name never changes. */
export async function rollBackProgramOnce(
  context: LedgerContext,
  version: number,
  by: Operator,
  reply: Reply<ProgramPut | NoRollback>,
  now: number,
): Promise<Once | Contended> {
  const wanted = async (): Promise<ToPut | NoRollback> => {
    const stored = await storedProgram(context, version);
    if (!stored) return { type: 'missing' };
    const { data, error } = programDocument.safeParse(stored.document);
    return data ? { document: data, restores: version } : { type: 'not_valid', error };
  };
  return putOnce(context, wanted, by, reply, now);
}

async function putOnce<Refused extends { readonly type: string }>(
  context: LedgerContext,
  read: () => Promise<ToPut | Refused>,
  by: Operator,
  reply: Reply<ProgramPut | Refused>,
  now: number,
): Promise<Once | Contended> {
  try {
    return await decideOnce(context, 'Putting the programme', reply.once, now, async ({ found }) => {
      // Another version was put since this one was decided.
      if (found.has(keys.currentProgram)) throw new LedgerUnavailable('contended', 'Putting the programme');
      const [current, wanted] = await Promise.all([currentProgram(context), read()]);
      if ('type' in wanted) return { answer: reply.answer(wanted), writes: [] };
      if (current && saysTheSame(current.document, wanted.document))
        return { answer: reply.answer({ type: 'unchanged', version: current.version }), writes: [] };
      const { version, writes } = nextVersion(context, current, wanted, by, now);
      return { answer: reply.answer({ type: 'put', version }), writes };
    });
  } catch (error) {
    if (error instanceof LedgerUnavailable && error.reason === 'contended') return { type: 'contended' };
    throw error;
  }
}

/** Whether two documents are the same but for the order of fields and what is said by leaving it out. */
function saysTheSame(a: ProgramDocument, b: ProgramDocument): boolean {
  const [one, other] = [a, b].map((document) => {
    const { $schema: _schema, ...said } = programDocument.safeParse(document).data ?? document;
    return canonicalJson(said);
  });
  return one === other;
}

function nextVersion(
  context: LedgerContext,
  current: StoredProgram | undefined,
  { document, restores }: ToPut,
  by: Operator,
  now: number,
): { version: number; writes: Write[] } {
  const version = (current?.version ?? 0) + 1;
  const stored: StoredProgram = {
    version,
    document,
    putAt: utc(now),
    putBy: by.keyId,
    putByName: by.name,
    ...(restores === undefined ? {} : { restores }),
  };
  const done = {
    action: restores === undefined ? 'put_program' : 'roll_back_program',
    subject: `program version ${version}`,
    reason: restores === undefined ? null : `the content of version ${restores}`,
  };
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
