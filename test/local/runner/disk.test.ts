/** What the local run says of its files when they cannot be written, read, or are not there. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type DataFolder, openDataFolder } from '../../../local/data-folder.ts';
import { diskFailure, opening } from '../../../local/disk.ts';
import { openDynamoDb } from '../../../local/dynamodb/index.ts';
import { StartFailure } from '../../../local/failure.ts';
import { openLog } from '../../../local/log.ts';
import type { StreamMappingSpec } from '../../../local/resources/mappings.ts';
import { openSecrets } from '../../../local/secrets.ts';
import { openDatabase, openState, type State, transaction } from '../../../local/state.ts';
import { rewindStreams } from '../../../local/stream/rewind.ts';
import { alone } from '../../../local/turn.ts';
import { checkWhole, rememberTables } from '../../../local/whole.ts';

const root = mkdtempSync(join(tmpdir(), 'philia-disk-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let serial = 0;
beforeEach(() => {
  folder = join(root, String(++serial));
  mkdirSync(folder);
});
const file = (name: string) => join(folder, name);

describe('a full disk', () => {
  it.each([
    ['the system', Object.assign(new Error('no'), { code: 'ENOSPC', path: '/data/x' }), '/data/x'],
    ['a copy', Object.assign(new Error('no'), { code: 'ENOSPC', path: '/from', dest: '/to' }), '/to'],
    ['a quota', Object.assign(new Error('no'), { code: 'EDQUOT' }), '/data'],
    ['SQLite', Object.assign(new Error('database or disk is full'), { errcode: 13 }), '/data'],
    ['a program that was started', new Error('esbuild: write: no space left on device'), '/data'],
  ])('is a sentence with the path, whether %s says so', (_, error, path) => {
    const failure = diskFailure(error, '/data');
    expect(failure).toBeInstanceOf(StartFailure);
    expect(failure?.message).toContain(`no room left on the disk of ${path}`);
  });

  it('is not what other failures are', () => {
    expect(diskFailure(new TypeError('x is not a function'), '/data')).toBeUndefined();
    const closed = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: '/data/y' });
    expect(diskFailure(closed, '/data')?.message).toContain('/data/y cannot be written');
  });

  it('undoes a transaction whole, and the next one goes on', () => {
    const database = openDatabase(file('system.db'));
    database.exec('CREATE TABLE t (x TEXT)');
    const { page_count: pages } = database.prepare('PRAGMA page_count').get() as { page_count: number };
    const fill = () => {
      for (let row = 0; row < 50; row++) database.exec(`INSERT INTO t VALUES ('${'x'.repeat(4000)}')`);
    };
    database.exec(`PRAGMA max_page_count = ${pages + 1}`);
    expect(() => transaction(database, alone, fill)).toThrow(/full/);
    expect(database.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 0 });
    database.exec('PRAGMA max_page_count = 10000');
    transaction(database, alone, fill);
    expect(database.prepare('SELECT count(*) AS n FROM t').get()).toEqual({ n: 50 });
    database.close();
  });

  it('costs lines of the log, said once, and nothing else', () => {
    symlinkSync('/dev/full', file('functions.log'));
    const printed: string[] = [];
    const log = openLog(
      file('functions.log'),
      () => 0,
      (line) => void printed.push(line),
    );
    for (let line = 0; line < 3; line++) log.write('intake', 'a line');
    log.fail('intake', { errorType: 'Error', errorMessage: 'no' });
    expect(printed).toHaveLength(2);
    expect(printed[0]).toContain(`${file('functions.log')} cannot be written`);
    expect(printed[1]).toContain('ERROR Error: no');
    rmSync(file('functions.log'));
    log.write('intake', 'a later line');
    expect(readFileSync(file('functions.log'), 'utf8')).toContain('a later line');
  });
});

describe('a file that is not what was written', () => {
  it.each(['', '{', 'null', '[1]', '{"a":{}}'])('is refused by its name: secrets.json with %j', (content) => {
    writeFileSync(file('secrets.json'), content);
    expect(() => openSecrets(file('secrets.json'), [], {})).toThrow(StartFailure);
    expect(() => openSecrets(file('secrets.json'), [], {})).toThrow(file('secrets.json'));
  });

  it('is refused by its name: a database of noise', () => {
    writeFileSync(file('system.db'), 'this is no database'.repeat(300));
    expect(() => openDatabase(file('system.db'))).toThrow(
      new RegExp(`^${file('system.db')} cannot be read .*--fresh`),
    );
    writeFileSync(file('table.db'), 'this is no database'.repeat(300));
    expect(() =>
      opening(file('table.db'), () => openDynamoDb({ path: file('table.db'), clock: Date.now })),
    ).toThrow(StartFailure);
  });
});

describe('a data folder', () => {
  it('is its owner’s alone, also one of before', () => {
    writeFileSync(file('secrets.json'), '{}', { mode: 0o644 });
    writeFileSync(file('philia.lock'), '', { mode: 0o644 });
    const data = openDataFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of ['secrets.json', 'philia.lock']) expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    data.release();
  });

  let state: State;
  const data = { file: (name: string) => file(name), path: root } as DataFolder;
  /** What a system that was set up has left, but for one part. */
  const left = (without?: 'secrets.json' | 'table.db' | 'system.db') => {
    state = openState(openDatabase(file(without === 'system.db' ? 'other.db' : 'system.db')));
    if (without !== 'system.db') {
      state.set('engine', 'without --dynamodb-local');
      state.set('program', 'hash');
    }
    for (const name of ['secrets.json', 'table.db']) if (name !== without) writeFileSync(file(name), '{}');
  };

  it.each(['secrets.json', 'table.db', 'system.db'] as const)(
    'without its %s is refused, naming it',
    (name) => {
      left(name);
      expect(() => checkWhole(data, state, false)).toThrow(StartFailure);
      expect(() => checkWhole(data, state, false)).toThrow(`${file(name)} is gone`);
    },
  );

  it('that is whole, new, or whose first start was cut short, is taken', () => {
    left();
    checkWhole(data, state, false);
    folder = join(folder, 'new');
    mkdirSync(folder);
    state = openState(openDatabase(file('system.db')));
    checkWhole(data, state, false);
    state.set('engine', 'without --dynamodb-local');
    writeFileSync(file('table.db'), '');
    checkWhole(data, state, false);
  });

  it('whose table was there and is made anew is refused; a further table is not', () => {
    left();
    rememberTables(state, ['a'], ['a'], folder);
    rememberTables(state, ['a', 'b'], ['b'], folder);
    expect(() => rememberTables(state, ['a', 'b'], ['a'], folder)).toThrow(/^The table a is no longer in /);
  });
});

describe('a table that was put back from a copy', () => {
  it('has its next records read: the place in its stream is its newest', () => {
    const state = openState(openDatabase(file('system.db')));
    const mapping = { id: 'outbox' } as StreamMappingSpec;
    state.set('stream:outbox', { shard: { sequenceNumber: '100000000000000000090' }, old: { ended: true } });
    rewindStreams(state, [mapping, { id: 'unknown' } as StreamMappingSpec], '100000000000000000100');
    expect(state.get('stream:outbox')).toMatchObject({ shard: { sequenceNumber: '100000000000000000090' } });
    rewindStreams(state, [mapping], '100000000000000000007');
    expect(state.get('stream:outbox')).toEqual({
      shard: { sequenceNumber: '100000000000000000007' },
      old: { ended: true },
    });
  });
});
