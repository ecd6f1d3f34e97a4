/** Schedules fire at their moments, each once, and the clock never jumps over one. */
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createActivity } from '../../../local/activity.ts';
import { openClock, type SystemClock } from '../../../local/clock.ts';
import type { Outcome } from '../../../local/functions/instance.ts';
import type { FunctionPool, Timed } from '../../../local/functions/pool.ts';
import type { Outgoing, Queues } from '../../../local/queues/store.ts';
import type { ScheduleSpec } from '../../../local/resources/schedules.ts';
import { parseSchedule, type Timing } from '../../../local/schedule/expression.ts';
import { fillContext } from '../../../local/schedule/input.ts';
import { createSchedules, type Schedules } from '../../../local/schedule/runner.ts';
import { openState, type State } from '../../../local/state.ts';
import { runs } from '../../support/world.ts';

const at = (text: string): number => Date.parse(text);
const iso = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString().slice(0, 16);

function timing(expression: string, zone = 'UTC'): Timing {
  const parsed = parseSchedule(expression, zone);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.timing;
}

describe('a schedule expression', () => {
  const START = at('2026-11-22T10:30:00Z');

  it.each([
    ['rate(5 minutes)', 'UTC', '2026-11-22T10:35'],
    ['rate(1 hour)', 'UTC', '2026-11-22T11:30'],
    ['rate(7 days)', 'UTC', '2026-11-29T10:30'],
    ['cron(0 6 * * ? *)', 'UTC', '2026-11-23T06:00'],
    ['cron(0 6 * * ? *)', 'Europe/Paris', '2026-11-23T05:00'],
    ['cron(0/15 10 * * ? *)', 'UTC', '2026-11-22T10:45'],
    ['cron(0 8 ? * 2 *)', 'UTC', '2026-11-23T08:00'],
    ['cron(0 8 ? * MON-FRI *)', 'UTC', '2026-11-23T08:00'],
    ['cron(0 0 1 1 ? 2028)', 'UTC', '2028-01-01T00:00'],
    ['cron(0 0 L * ? *)', 'UTC', '2026-11-30T00:00'],
    ['cron(0 0 ? * 6#1 *)', 'UTC', '2026-12-04T00:00'],
    ['at(2026-12-24T18:00:00)', 'Europe/Paris', '2026-12-24T17:00'],
    ['at(2020-12-24T18:00:00)', 'UTC', undefined],
  ])('%s in %s fires next at %s', (expression, zone, expected) => {
    expect(iso(timing(expression, zone).next(START, START))).toBe(expected);
  });

  it('of a rate keeps its beat, wherever it is asked', () => {
    const hourly = timing('rate(1 hour)');
    expect(iso(hourly.next(START + 90 * 60_000, START))).toBe('2026-11-22T12:30');
    expect(iso(hourly.next(START + 60 * 60_000, START))).toBe('2026-11-22T12:30');
  });

  it('keeps the wall clock’s hour when summer begins', () => {
    const daily = timing('cron(0 6 * * ? *)', 'Europe/Paris');
    expect(iso(daily.next(at('2027-03-27T12:00:00Z'), START))).toBe('2027-03-28T04:00');
  });

  /** Each zone's changes of 2027: the wall clock that they go from, and to. */
  const changes = [
    ['Atlantic/Azores', '2027-03-28', '00:00', '01:00', '2027-10-31', '01:00', '00:00'],
    ['Asia/Beirut', '2027-03-28', '00:00', '01:00', '2027-10-30', '24:00', '23:00'],
    ['America/Havana', '2027-03-14', '00:00', '01:00', '2027-11-07', '01:00', '00:00'],
    ['Africa/Cairo', '2027-04-30', '00:00', '01:00', '2027-10-28', '24:00', '23:00'],
    ['America/Santiago', '2027-09-05', '00:00', '01:00', '2027-04-03', '24:00', '23:00'],
    ['Europe/Paris', '2027-03-28', '02:00', '03:00', '2027-10-31', '03:00', '02:00'],
    ['America/New_York', '2027-03-14', '02:00', '03:00', '2027-11-07', '02:00', '01:00'],
    ['Australia/Lord_Howe', '2027-10-03', '02:00', '02:30', '2027-04-04', '02:00', '01:30'],
  ] as const;
  const clockTime = (zone: string, time: number): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(time);
  const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const textOf = (minutes: number): string =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  /** Every firing on a day of a zone and those beside it, as its clocks show them. */
  function firings(expression: string, zone: string, day: string): string[] {
    const { next } = timing(expression, zone);
    const shown: string[] = [];
    const until = at(`${day}T00:00:00Z`) + 2 * 86_400_000;
    for (
      let run = next(until - 3 * 86_400_000, START);
      run !== undefined && run < until;
      run = next(run, START)
    )
      shown.push(clockTime(zone, run));
    return shown.filter((text) => text.startsWith(day));
  }

  it.each(changes)('in %s skips on %s what lies between %s and %s', (zone, day, from, to) => {
    for (const minutes of [minutesOf(from), minutesOf(from) + 5, minutesOf(to) - 1]) {
      const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
      expect([minutes, firings(`cron(${minute} ${hour} * * ? *)`, zone, day)]).toEqual([minutes, []]);
    }
    const [hour, minute] = [Math.floor(minutesOf(to) / 60), minutesOf(to) % 60];
    expect(firings(`cron(${minute} ${hour} * * ? *)`, zone, day)).toEqual([`${day} ${to}`]);
    // What is regular goes on behind the change, at the times that there are.
    const quarters = firings('cron(0/15 * * * ? *)', zone, day);
    const gone = (minutesOf(to) - minutesOf(from)) / 15;
    expect(quarters).toHaveLength(96 - gone);
    expect(new Set(quarters).size).toBe(quarters.length);
  });

  it.each(changes)(
    'in %s (%s %s %s) runs on %s once for what comes twice',
    (zone, _a, _b, _c, day, from, to) => {
      for (const minutes of [minutesOf(to), minutesOf(to) + 5, minutesOf(from) - 1]) {
        const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
        expect(firings(`cron(${minute} ${hour} * * ? *)`, zone, day)).toEqual([`${day} ${textOf(minutes)}`]);
      }
      const quarters = firings('cron(0/15 * * * ? *)', zone, day);
      expect(quarters).toHaveLength(96);
      expect(new Set(quarters).size).toBe(96);
    },
  );

  it.each(changes)('in UTC runs every hour, whatever %s does', (zone, spring, _from, _to, autumn) => {
    const { next } = timing('cron(1 * * * ? *)');
    for (const day of [spring, autumn]) {
      // A day of the zone begins at most an hour before a run.
      let run = at(`${day}T00:00:00Z`) - 86_400_000;
      for (let hours = 0; hours < 72; hours++) {
        const following = next(run, START) ?? 0;
        expect(following - run).toBeLessThanOrEqual(3_660_000);
        run = following;
      }
      expect(clockTime(zone, run) > day).toBe(true);
    }
  });

  it.each([
    'rate(0 hours)',
    'rate(1 fortnight)',
    'rate(5)',
    'cron(* * * * *)',
    'cron(99 * * * ? *)',
    'daily',
    'at(soon)',
  ])('%s is refused', (expression) => {
    expect(parseSchedule(expression, 'UTC')).toMatchObject({
      ok: false,
      message: expect.stringContaining(expression),
    });
  });

  it('in an unknown time zone is refused', () => {
    expect(parseSchedule('cron(0 6 * * ? *)', 'Mars/Base')).toMatchObject({ ok: false });
  });
});

it('an input has its context attributes filled in', () => {
  const filled = fillContext(
    '{"t":"<aws.scheduler.scheduled-time>","a":"<aws.scheduler.schedule-arn>"}',
    'arn:s',
    0,
  );
  expect(JSON.parse(filled)).toEqual({ t: '1970-01-01T00:00:00Z', a: 'arn:s' });
});

interface System {
  readonly schedules: Schedules;
  readonly clock: SystemClock;
  /** What happened, with the system's time at that moment. */
  readonly log: string[];
  readonly sent: Outgoing[];
  fail(times: number): void;
}

function schedule(id: string, expression: string, more: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return {
    id,
    arn: `arn:${id}`,
    timing: timing(expression),
    targetArn: 'arn:aws:lambda:r:0:function:tick',
    input: `{"id":"${id}","at":"<aws.scheduler.scheduled-time>"}`,
    eventAgeMaxMs: 86_400_000,
    ...more,
  };
}

/** @param delays when messages come that were sent with a delay */
function system(
  specs: readonly ScheduleSpec[],
  state: State,
  startAt?: number,
  delays: readonly number[] = [],
): System {
  const clock = openClock(state, startAt);
  const log: string[] = [];
  const sent: Outgoing[] = [];
  let failures = 0;
  const pool = {
    spec: () => ({ asynchronous: { retriesMax: 1, onFailureArn: 'arn:dead' } }),
    invoke: async (_: string, event: unknown): Promise<Outcome> => {
      if (failures-- > 0) return { kind: 'failure', error: { errorType: 'Error', errorMessage: 'no' } };
      const { id, at: scheduled } = event as { id: string; at: string };
      log.push(`${id} for ${scheduled.slice(0, 16)} at ${iso(clock.now())}`);
      return { kind: 'answer', payload: 'null' };
    },
  } as unknown as FunctionPool;
  const schedules = createSchedules({
    schedules: specs,
    clock,
    state,
    pool,
    queues: {
      send: (messages) => {
        sent.push(...messages);
        return [];
      },
    } as Partial<Queues> as Queues,
    activity: createActivity(),
    nextDelayEnd: () => delays.find((end) => end > clock.now()),
    moved: () => {
      if (delays.some((end) => iso(end) === iso(clock.now()))) log.push(`delay over at ${iso(clock.now())}`);
    },
    warn: () => undefined,
  });
  return {
    schedules,
    clock,
    log,
    sent,
    fail: (times) => {
      failures = times;
    },
  };
}

const freshState = (): State => openState(new DatabaseSync(':memory:'));
const START = at('2026-11-22T10:30:00Z');
const settled = async (): Promise<boolean> => true;

describe('moving the clock', () => {
  it('runs every firing in between, in order, each at its own time', async () => {
    const { schedules, clock, log } = system(
      [schedule('daily', 'cron(0 6 * * ? *)'), schedule('half', 'rate(12 hours)')],
      freshState(),
      START,
    );
    expect(await schedules.moveClock(at('2026-11-24T00:00:00Z'), settled)).toBe(true);
    expect(log).toEqual([
      'half for 2026-11-22T22:30 at 2026-11-22T22:30',
      'daily for 2026-11-23T06:00 at 2026-11-23T06:00',
      'half for 2026-11-23T10:30 at 2026-11-23T10:30',
      'half for 2026-11-23T22:30 at 2026-11-23T22:30',
    ]);
    expect(iso(clock.now())).toBe('2026-11-24T00:00');
    await schedules.stop();
  });

  it('includes a firing at the very end, and does not repeat it', async () => {
    const { schedules, log } = system([schedule('daily', 'cron(0 6 * * ? *)')], freshState(), START);
    await schedules.moveClock(at('2026-11-23T06:00:00Z'), settled);
    await schedules.moveClock(at('2026-11-23T07:00:00Z'), settled);
    expect(log).toHaveLength(1);
    await schedules.stop();
  });

  it('stops at the end of each delay of a message, in order with the firings', async () => {
    const delays = ['2026-11-22T11:00:00Z', '2026-11-22T23:00:00Z', '2026-11-24T00:00:00Z'].map(at);
    const { schedules, log } = system([schedule('half', 'rate(12 hours)')], freshState(), START, delays);
    await schedules.moveClock(at('2026-11-23T00:00:00Z'), settled);
    expect(log).toEqual([
      'delay over at 2026-11-22T11:00',
      'half for 2026-11-22T22:30 at 2026-11-22T22:30',
      'delay over at 2026-11-22T23:00',
    ]);
    await schedules.stop();
  });

  it('waits for everything to settle before it begins and after each firing', async () => {
    const { schedules, log } = system([schedule('half', 'rate(12 hours)')], freshState(), START);
    await schedules.moveClock(at('2026-11-23T12:00:00Z'), async () => {
      log.push('settled');
      return true;
    });
    expect(log.map((line) => line.slice(0, 7))).toEqual([
      'settled',
      'half fo',
      'settled',
      'half fo',
      'settled',
    ]);
    await schedules.stop();
  });

  it('stops where it is when something does not settle', async () => {
    const { schedules, clock } = system([schedule('half', 'rate(12 hours)')], freshState(), START);
    let looks = 0;
    expect(await schedules.moveClock(at('2026-11-30T00:00:00Z'), async () => ++looks < 3)).toBe(false);
    expect(iso(clock.now())).toBe('2026-11-23T10:30');
    await schedules.stop();
  });
});

describe('firings that one copy takes in a row', () => {
  const minute = 60_000;
  const threeDays = START + 3 * 86_400_000;

  /**
   * @param inRow whether the copy takes what follows, as a thread does, or one firing at a time
   * @param endOf what a firing comes to, by its time: a message whose delay ends so many minutes later, or a failure
   */
  async function run(
    expressions: readonly string[],
    endOf: (time: number) => number | 'failure' | undefined,
    inRow: boolean,
  ) {
    const state = freshState();
    const clock = openClock(state, START);
    const [offset, activity] = [new BigInt64Array(clock.shared), createActivity()];
    const log: string[] = [];
    let delays: number[] = [];
    let invocations = 0;
    const minuteNow = () => Math.floor(clock.now() / minute) * minute;
    const one = (event: unknown): Outcome => {
      const { id, at: scheduled } = event as { id: string; at: string };
      const end = endOf(minuteNow());
      log.push(`${id} for ${scheduled.slice(0, 16)} at ${iso(clock.now())}`);
      if (typeof end === 'number') delays.push(minuteNow() + end * minute);
      if (end === 'failure') return { kind: 'failure', error: { errorType: 'Error', errorMessage: 'no' } };
      return { kind: 'answer', payload: 'null' };
    };
    const sent: string[] = [];
    const schedules = createSchedules({
      schedules: expressions.map((expression, index) => schedule(`s${index}`, expression)),
      clock,
      state,
      activity,
      pool: {
        spec: () => ({ asynchronous: { retriesMax: 0, onFailureArn: 'arn:dead' } }),
        invoke: async (_: string, event: unknown, later: readonly Timed[] = []): Promise<Outcome> => {
          invocations++;
          let outcome = one(event);
          for (const { at: time, event: next } of inRow ? later : []) {
            if (outcome.kind !== 'answer' || endOf(minuteNow()) !== undefined) break;
            Atomics.store(offset, 0, BigInt(time - Date.now()));
            outcome = one(next);
          }
          return outcome;
        },
      } as unknown as FunctionPool,
      queues: {
        send: (messages) => {
          sent.push(...messages.map(({ body }) => body));
          return [];
        },
      } as Partial<Queues> as Queues,
      nextDelayEnd: () => (delays.length > 0 ? Math.min(...delays) : undefined),
      moved: () => {
        for (const end of delays.filter((delay) => delay <= clock.now()))
          log.push(`delay over at ${iso(end)}`);
        delays = delays.filter((end) => end > clock.now());
      },
      warn: () => undefined,
    });
    expect(await schedules.moveClock(threeDays, settled)).toBe(true);
    await schedules.stop();
    const last = expressions.map((_, index) => iso(state.get<number>(`schedule:s${index}`)));
    return { seen: { log, sent, last, end: iso(clock.now()) }, invocations };
  }

  const expression = fc.constantFrom(
    'rate(1 hour)',
    'cron(1 * * * ? *)',
    'cron(0 3 * * ? *)',
    'rate(7 hours)',
  );

  it('are the same ones, at the same times, as one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(expression, { minLength: 1, maxLength: 3 }),
        fc.func(fc.constantFrom(undefined, undefined, undefined, undefined, 7, 60, 200, 'failure' as const)),
        async (expressions, endOf) => {
          const singly = await run(expressions, endOf, false);
          expect((await run(expressions, endOf, true)).seen).toEqual(singly.seen);
        },
      ),
      runs(100),
    );
  });

  it('wake it once where nothing comes of them', async () => {
    const { seen, invocations } = await run(['rate(2 hours)'], () => undefined, true);
    expect([seen.log.length, invocations]).toEqual([36, 1]);
  });
});

describe('a firing', () => {
  it('that fails is tried again, and then told to the failure destination', async () => {
    const { schedules, log, sent, fail } = system([schedule('half', 'rate(12 hours)')], freshState(), START);
    fail(1);
    await schedules.moveClock(START + 13 * 3_600_000, settled);
    expect([log.length, sent.length]).toEqual([1, 0]);
    fail(2);
    await schedules.moveClock(START + 25 * 3_600_000, settled);
    expect([log.length, sent]).toEqual([
      1,
      [{ queueArn: 'arn:dead', body: expect.stringContaining('"half"') }],
    ]);
    await schedules.stop();
  });

  it('may go to a queue', async () => {
    const toQueue = schedule('half', 'rate(12 hours)', { targetArn: 'arn:aws:sqs:r:0:q' });
    const { schedules, sent } = system([toQueue], freshState(), START);
    await schedules.moveClock(START + 13 * 3_600_000, settled);
    expect(sent).toEqual([
      { queueArn: 'arn:aws:sqs:r:0:q', body: '{"id":"half","at":"2026-11-22T22:30:00Z"}' },
    ]);
    await schedules.stop();
  });

  it('that was missed while the system was off runs at the next start, unless it is too old', async () => {
    const state = freshState();
    state.set('clock', { startedAt: Date.now() - 3 * 86_400_000 - 60_000, offsetMs: 0 });
    const { schedules, log } = system([schedule('half', 'rate(12 hours)')], state);
    expect(schedules.isDue()).toBe(true);
    schedules.start();
    await vi.waitFor(() => expect(schedules.isDue()).toBe(false));
    // Six were missed; only those of the last 24 hours are still worth running.
    expect(log).toHaveLength(2);
    await schedules.stop();
  });

  it('comes by itself when its time comes', async () => {
    const state = freshState();
    state.set('clock', { startedAt: Date.now() - 59_950, offsetMs: 0 });
    const { schedules, log } = system([schedule('minutely', 'rate(1 minute)')], state);
    schedules.start();
    await vi.waitFor(() => expect(log).toHaveLength(1));
    await schedules.stop();
  });
});

describe('the clock', () => {
  it('runs on from where a fresh system began, and from where it was after a restart', () => {
    const state = freshState();
    const clock = openClock(state, START);
    expect(clock.now() - START).toBeLessThan(5_000);
    clock.moveTo(START + 86_400_000);
    const restarted = openClock(state, undefined);
    expect(restarted.startedAt).toBe(START);
    expect(restarted.now()).toBeGreaterThanOrEqual(START + 86_400_000);
  });

  it('never goes back', () => {
    const clock = openClock(freshState(), START);
    clock.moveTo(START - 1_000);
    expect(clock.now()).toBeGreaterThanOrEqual(START);
  });
});
