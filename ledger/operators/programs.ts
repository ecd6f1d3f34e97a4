/** The programme's versions: how a new one is put, and what each has changed. */
import { canonicalJson } from '../../core/canonical.ts';
import { isFirst } from '../../core/channels.ts';
import type { FieldError } from '../../core/contract/errors.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { type ProgramDocument, programDocument } from '../../core/program.ts';
import { channelsNamed, unknownChannels } from '../../core/program-channels.ts';
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
import { listsBegun } from '../store/lists.ts';
import { absent, type Write } from '../store/store.ts';
import { auditWrite, type Operator } from './audit.ts';
import { heldChannels } from './channels.ts';
import { currentProgram, storedProgram } from './program-versions.ts';

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
/** It names channels that there are not. */
export interface NoSuchChannel {
  readonly type: 'no_such_channel';
  readonly errors: readonly FieldError[];
}
/** Somebody else put one at the same moment: whose is to be in force they have to agree on. */
type Contended = { readonly type: 'contended' };

/** Puts a checked document in force as the next version, and remembers who did. */
export async function putProgram(
  context: LedgerContext,
  document: ProgramDocument,
  by: Operator,
  now: number,
): Promise<ProgramPut | NoSuchChannel | Contended> {
  const answer = (body: ProgramPut | NoSuchChannel) => ({ status: 200, body });
  const result = await putProgramOnce(context, document, by, { once: undefined, answer }, now);
  if (result.type === 'contended') return result;
  return outcomeOf<ProgramPut | NoSuchChannel>(async () => result);
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
  reply: Reply<ProgramPut | NoSuchChannel>,
  now: number,
): Promise<Once | Contended> {
  const wanted = async (): Promise<ToPut> => ({ document });
  return putOnce<never>(context, wanted, by, reply, now);
}

/** Why an earlier version cannot come back: there is none such, or what it says is not let through any more. */
export type NoRollback = NoSuchChannel | NotThere;
type NotThere =
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
  const wanted = async (): Promise<ToPut | NotThere> => {
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
  reply: Reply<ProgramPut | NoSuchChannel | Refused>,
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
      const { channels, held } = await heldChannels(context);
      const errors = unknownChannels(wanted.document, channels);
      if (errors.length > 0) return { answer: reply.answer({ type: 'no_such_channel', errors }), writes: [] };
      // None that it names is removed meanwhile; those of the beginning stay anyway.
      const holds = channelsNamed(wanted.document).some(({ id }) => !isFirst(id)) ? [held] : [];
      const { version, writes } = nextVersion(context, current, wanted, by, now);
      return { answer: reply.answer({ type: 'put', version }), writes: [...writes, ...holds] };
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
      ...(current ? [] : [listsBegun()]),
      {
        put: toItem(keys.currentProgram, 'program', stored),
        if: current ? { kind: 'unchanged', fields: { version: current.version } } : absent,
      },
      auditWrite(context, by, done, now),
    ],
  };
}
