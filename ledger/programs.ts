/** The programme's versions. The newest is in force; every entry names the version it was computed with. */
import { utc } from '../core/contract/shapes.ts';
import type { Program, ProgramDocument } from '../core/program.ts';
import { auditWrite, type Operator } from './audit.ts';
import type { LedgerContext } from './context.ts';
import { LedgerUnavailable } from './context.ts';
import { fromItem, keys, type StoredProgram, toItem } from './items.ts';

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

/** Puts a checked document in force as the next version, and remembers who did. */
export async function putProgram(
  context: LedgerContext,
  document: ProgramDocument,
  by: Operator,
  now: number,
): Promise<{ type: 'put'; version: number } | { type: 'contended' }> {
  const current = await currentProgram(context);
  const stored: StoredProgram = {
    version: (current?.version ?? 0) + 1,
    document,
    putAt: utc(now),
    putBy: by.keyId,
  };
  const outcome = await context.store.transact([
    { put: toItem(keys.programVersion(stored.version), 'program', stored), if: { kind: 'absent' } },
    {
      put: toItem(keys.currentProgram, 'program', stored),
      if: current ? { kind: 'unchanged', field: 'version', value: current.version } : { kind: 'absent' },
    },
    auditWrite(
      context,
      by,
      { action: 'put_program', subject: `program version ${stored.version}`, reason: null },
      now,
    ),
  ]);
  switch (outcome.type) {
    case 'committed':
      return { type: 'put', version: stored.version };
    case 'refused':
    case 'contended':
      return { type: 'contended' };
    case 'throttled':
      throw new LedgerUnavailable('throttled', 'Putting the programme');
    case 'unknown':
      throw new LedgerUnavailable('unknown', 'Putting the programme', outcome.cause);
  }
}
