import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../../cli/import/client.ts';
import { parseLine } from '../../../cli/import/lines.ts';
import { emptyTally, runSteps, type Tally } from '../../../cli/import/run.ts';
import { planSteps } from '../../../cli/import/steps.ts';
import { OPS_KEY, problem, useContractApi } from './api.ts';

const api = useContractApi();

interface Flags {
  enrol?: boolean;
  clock?: boolean;
  key?: string;
}

const pauses: number[] = [];

/** Runs the lines against the contract's API; pauses are noted, not waited for. */
async function run(
  lines: object[],
  { enrol = false, clock = false, key = OPS_KEY }: Flags = {},
): Promise<Tally> {
  const tally = emptyTally();
  await runInto(tally, lines, { enrol, clock, key });
  return tally;
}

async function runInto(
  tally: Tally,
  lines: object[],
  { enrol = false, clock = false, key = OPS_KEY }: Flags,
) {
  pauses.length = 0;
  const pause = async (ms: number) => void pauses.push(ms);
  const client = createClient({ baseUrl: api.baseUrl, key, attemptsMax: 4, pause });
  const parsed = (async function* () {
    for (const [index, line] of lines.entries()) yield parseLine(index + 1, JSON.stringify(line));
  })();
  await runSteps(planSteps(parsed, { byClock: clock }), tally, {
    client,
    channel: 'store',
    note: () => {},
    enrol,
    clock,
    onProgress: () => {},
  });
}

const purchase = (id: string, who: string, at = '2010-12-01T08:00:00Z') => ({
  id,
  occurredAt: at,
  member: { email: `${who}@example.com` },
});
const refund = (id: string, who: string) => ({ type: 'refund', ...purchase(id, who) });

describe("against the contract's API, an import", () => {
  test('sends purchases and refunds together in the order of the file, and is over when the system is at rest', async () => {
    const lines = [
      purchase('1', 'a'),
      purchase('2', 'b'),
      refund('3', 'a'),
      purchase('4', 'a'),
      ...Array.from({ length: 100 }, (_, index) => purchase(`more ${index}`, 'a')),
    ];
    const tally = await run(lines);
    expect(tally).toMatchObject({ lines: 104, purchases: 103, refunds: 1, enrolled: 0, refusals: [] });
    expect(api.sent().map((ids) => ids.length)).toEqual([100, 4]);
    expect(api.sent()[0]?.slice(0, 4)).toEqual(['1', '2', '3', '4']);
    const order = api.calls.map(({ path }) => (path.startsWith('/local/idle') ? 'idle' : 'post'));
    expect(order).toEqual(['post', 'post', 'idle']);
  });

  test('says of each refund that it is one', async () => {
    await run([refund('3', 'a'), purchase('4', 'a')]);
    const items = api.calls[0]?.body['items'];
    expect(items).toEqual([refund('3', 'a'), purchase('4', 'a')]);
  });

  test('waits on while the system is busy, and no longer than it must', async () => {
    api.interrupt = ({ path }, attempt) =>
      path.startsWith('/local/idle') && attempt < 3 ? problem(408, 'timeout') : undefined;
    expect(await run([purchase('1', 'a')])).toMatchObject({ purchases: 1 });
    expect(api.calls.filter(({ path }) => path === '/local/idle?timeout=15')).toHaveLength(3);
  });

  test('reports refused lines by number, code, path and message, and goes on', async () => {
    const lines = [
      purchase('1', 'a'),
      purchase('bad', 'b'),
      refund('bad', 'c'),
      { id: 4 },
      purchase('5', 'd'),
    ];
    const tally = await run(lines);
    expect(tally).toMatchObject({ lines: 5, purchases: 2, refunds: 0 });
    expect(tally.refusals.toSorted((one, other) => one.line - other.line)).toEqual([
      expect.objectContaining({
        line: 2,
        code: 'total_mismatch',
        path: 'totalMinor',
        message: 'totalMinor is wrong',
      }),
      expect.objectContaining({ line: 3, code: 'validation', path: 'lines', message: 'lines is wrong' }),
      expect.objectContaining({ line: 4, code: 'invalid_line', path: 'id' }),
    ]);
  });

  test('takes a whole batch for refused when the API refuses it whole', async () => {
    api.interrupt = ({ path }) => (path === '/v1/imports' ? problem(413, 'body_too_large') : undefined);
    const tally = await run([purchase('1', 'a'), purchase('2', 'b')]);
    expect(tally.refusals.map(({ line, code, message }) => `${line} ${code} ${message}`)).toEqual([
      '1 body_too_large The body_too_large.',
      '2 body_too_large The body_too_large.',
    ]);
  });
});

test("against the contract's API as it is deployed, without /local, an import is over with its last answer", async () => {
  api.interrupt = ({ path }) => (path.startsWith('/local/') ? problem(404, 'not_found') : undefined);
  expect(await run([purchase('1/2', 'a'), refund('3', 'a')])).toMatchObject({ purchases: 1, refunds: 1 });
  expect(api.calls.map(({ path }) => path)).toEqual(['/v1/imports', '/local/idle?timeout=15']);
});

describe("against the contract's API, --enrol", () => {
  test('enrols each e-mail once a run, before its first line, and takes known members as they are', async () => {
    api.members.add('b@example.com');
    const lines = [purchase('1', 'a'), purchase('2', 'b'), purchase('3', 'A'), refund('4', 'c'), { id: '5' }];
    const tally = await run(lines, { enrol: true });
    expect(tally).toMatchObject({ enrolled: 2, purchases: 4, refunds: 1, refusals: [] });
    expect(api.paths()).toEqual([...Array(3).fill('POST /v1/members'), 'POST /v1/imports']);
  });

  test('does not send a line whose member is refused, and sends the others of its batch', async () => {
    const lines = [{ id: '1', member: { email: 'nobody' } }, purchase('2', 'b')];
    const tally = await run(lines, { enrol: true });
    expect(api.sent()).toEqual([['2']]);
    expect(tally.refusals).toMatchObject([{ line: 1, code: 'validation', path: 'email' }]);
  });

  test('says of each line of a refused member that it was not sent', async () => {
    const nobody = { email: 'nobody' };
    const lines = [{ id: '1', member: nobody }, purchase('2', 'b'), { id: '3', member: nobody }];
    const tally = await run(lines, { enrol: true });
    expect(api.sent()).toEqual([['2']]);
    expect(tally.refusals.map(({ line }) => line)).toEqual([1, 3]);
  });

  test('is off by default', async () => {
    await run([purchase('1', 'a')]);
    expect(api.paths()).toEqual(['POST /v1/imports']);
  });
});

describe("against the contract's API, --clock", () => {
  const lines = [
    purchase('1', 'a', '2010-12-01T08:00:00Z'),
    purchase('2', 'b', '2010-12-01T08:04:00Z'),
    purchase('3', 'c', '2010-12-01T09:05:00Z'),
  ];
  const moves = () => api.calls.filter(({ method }) => method === 'PUT').map(({ body }) => body['now']);

  test('moves the clock to the last line of a batch and lets the schedules in between come to rest', async () => {
    await run(lines, { clock: true });
    expect(moves()).toEqual(['2010-12-01T08:04:00.000Z', '2010-12-01T09:05:00.000Z']);
    expect(api.sent()).toEqual([['1', '2'], ['3']]);
    const [read, moved, rested, sent] = api.calls.map(
      ({ method, path }) => `${method} ${path.split('?')[0]}`,
    );
    expect([read, moved, rested, sent]).toEqual([
      'GET /local/clock',
      'PUT /local/clock',
      'GET /local/idle',
      'POST /v1/imports',
    ]);
  });

  test('never moves it backwards', async () => {
    api.clock = '2010-12-01T08:04:30Z';
    await run(lines, { clock: true });
    expect(moves()).toEqual(['2010-12-01T09:05:00.000Z']);
  });

  test('stops where there is no local clock', async () => {
    api.interrupt = ({ path }) => (path === '/local/clock' ? problem(404, 'not_found') : undefined);
    await expect(run(lines, { clock: true })).rejects.toThrow(
      'GET /local/clock answered 404 not_found: The not_found. Resume',
    );
  });
});

describe("against the contract's API that is busy or away", () => {
  test('the same call is made again, after as long as Retry-After says, or ever longer pauses', async () => {
    api.interrupt = ({ path }, attempt) => {
      if (path !== '/v1/imports') return undefined;
      if (attempt === 1) return { ...problem(429, 'throttled'), headers: { 'retry-after': '7' } };
      if (attempt === 2) return problem(503, 'unavailable');
      return attempt === 3 ? 'drop' : undefined;
    };
    expect(await run([purchase('1', 'a')])).toMatchObject({ lines: 1, purchases: 1 });
    expect(api.sent()).toEqual([['1'], ['1'], ['1'], ['1']]);
    expect(pauses).toEqual([7000, 1000, 2000]);
  });

  test('too long, the import stops and says where to resume; what was sent before counts', async () => {
    const tally = emptyTally();
    const hours = ['08', '09', '09', '10'];
    const lines = hours.map((hour, index) => purchase(String(index + 1), 'a', `2010-12-01T${hour}:00:00Z`));
    api.interrupt = ({ body }) =>
      JSON.stringify(body).includes('"3"') ? problem(503, 'unavailable') : undefined;
    await expect(runInto(tally, lines, { clock: true })).rejects.toThrow(
      /^POST .*\/v1\/imports failed 4 times, last with status 503\. Resume with --from 2\.$/,
    );
    expect(tally).toMatchObject({ lines: 1, purchases: 1 });
    expect(api.sent()).toEqual([['1'], ...Array(4).fill(['2', '3'])]);
  });

  test('not there at all is said by its reason', async () => {
    const left = createServer().listen(0, '127.0.0.1');
    await once(left, 'listening');
    const { port } = left.address() as AddressInfo;
    left.close();
    await once(left, 'close');
    const baseUrl = `http://127.0.0.1:${port}`;
    const client = createClient({ baseUrl, key: '', attemptsMax: 2, pause: async () => {} });
    await expect(client.call('GET', '/local/idle')).rejects.toThrow('failed 2 times, last with ECONNREFUSED');
  });

  test('with a key it does not know, the import stops at once', async () => {
    await expect(run([purchase('1', 'a')], { key: 'wrong' })).rejects.toThrow(
      'POST /v1/imports answered 401 unauthenticated: The unauthenticated. Resume with --from 1.',
    );
    expect(api.calls).toHaveLength(1);
  });

  test('with fewer results than purchases, the import stops instead of guessing', async () => {
    api.interrupt = ({ path }) =>
      path === '/v1/imports'
        ? { status: 200, body: { results: [{ id: '1', status: 'accepted' }] } }
        : undefined;
    await expect(run([purchase('1', 'a'), purchase('2', 'b')])).rejects.toThrow(/one result for each of 2/);
  });
});
