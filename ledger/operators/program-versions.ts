/**
 * The programme's versions as they are read. The newest is in force; every entry names the version it was computed with.
 */
import type { Program } from '../../core/program.ts';
import type { LedgerContext } from '../store/context.ts';
import { fromItem, keys, type StoredProgram } from '../store/items.ts';

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
