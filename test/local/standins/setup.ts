import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type StandIns, startStandIns } from '../../../local/standins/index.ts';

/** A local clock that a test sets, far from the machine's. */
export const START = Date.parse('2010-12-01T08:00:00Z');

export interface Rig {
  standIns: StandIns;
  dataDir: string;
  now: number;
  /** Stops and starts again over the same data folder, as `npm start` after a kill does. */
  restart(): Promise<void>;
  get(path: string): unknown;
}

/** Stand-ins on free ports for the tests of one file. */
export function useStandIns(): Rig {
  const rig: Rig = {
    standIns: undefined as unknown as StandIns,
    dataDir: mkdtempSync(join(tmpdir(), 'philia-standins-')),
    now: START,
    restart: async () => {
      await rig.standIns.close();
      rig.standIns = await start();
    },
    get: (path) => JSON.parse(rig.standIns.handle('GET', path, undefined)?.body ?? 'null'),
  };
  const start = () => startStandIns({ dataDir: rig.dataDir, clock: () => rig.now });
  beforeAll(async () => {
    rig.standIns = await start();
  });
  afterAll(async () => {
    await rig.standIns.close();
    rmSync(rig.dataDir, { recursive: true, force: true });
  });
  return rig;
}
