/**
 * Whether a data folder has all of what a system remembers. A part that is gone would be made anew, and the system
 * would be ready with an empty ledger, or with keys that open nothing.
 */
import { existsSync } from 'node:fs';
import type { DataFolder } from './data-folder.ts';
import { StartFailure } from './failure.ts';
import type { State } from './state.ts';

const TABLES = 'tables';

/**
 * To be asked before anything is made in the folder.
 * @throws StartFailure naming the part that is gone
 */
export function checkWhole(data: DataFolder, state: State, dynamoDbLocal: boolean): void {
  const others = ['secrets.json', dynamoDbLocal ? 'dynamodb-local' : 'table.db'] as const;
  const gone = others.filter((name) => !existsSync(data.file(name)));
  // The first thing that a system writes down is its engine, the last the programme that it was set up with.
  const isKnown = state.get('engine') !== undefined;
  if (!isKnown && gone.length < others.length) throw goneFrom(data, 'system.db');
  const [first] = gone;
  if (state.get('program') !== undefined && first !== undefined) throw goneFrom(data, first);
}

function goneFrom(data: DataFolder, name: Parameters<DataFolder['file']>[0]): StartFailure {
  return new StartFailure(
    `${data.file(name)} is gone, without which the system in ${data.path} cannot go on: put a copy of it back, or start with --fresh, which forgets everything.`,
  );
}

/**
 * Remembers the tables that there are now.
 * @param made those that had to be made at this start
 * @throws StartFailure when one of them had been there before
 */
export function rememberTables(
  state: State,
  all: readonly string[],
  made: readonly string[],
  place: string,
): void {
  const known = state.get<readonly string[]>(TABLES) ?? [];
  const lost = made.find((name) => known.includes(name));
  if (lost !== undefined)
    throw new StartFailure(
      `The table ${lost} is no longer in ${place}: put a copy of it back, or start with --fresh, which forgets everything.`,
    );
  state.set(TABLES, all);
}
