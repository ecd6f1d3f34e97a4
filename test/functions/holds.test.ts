/** A hold is looked at when its time is over, however long that is and however often it is told. */
import { expect, it } from 'vitest';
import type { ParsedEvent } from '../../core/contract/events.ts';
import { parseEvent } from '../../core/contract/events.ts';
import type { RedemptionId } from '../../core/contract/ids.ts';
import { followHold } from '../../functions/events/holds.ts';
import { toEvents } from '../../functions/kit/ledger-events.ts';
import {
  createRedemption,
  endRedemption,
  getAccount,
  getEntry,
  type RedemptionState,
  readRedemption,
} from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember } from '../support/histories.ts';
import { defaultProgram, noon, testContext } from '../support/world.ts';

const minute = 60_000;

/** A member with a hold, and the events of it. */
async function world(holdMinutes: number) {
  const program = { ...defaultProgram(), holdMinutes, rewards: [reward] };
  const ledger = testContext(createMemoryStore());
  const memberId = await newMember(ledger, program);
  let state: RedemptionState | undefined;
  const request = {
    member: { memberId },
    rewardId: 'mug',
    mode: 'authorize' as const,
    purchaseId: null,
    channel: null,
    paused: false,
  };
  const answer = (outcome: object) => {
    state = outcome as RedemptionState;
    return { status: 201, body: null };
  };
  await createRedemption(ledger, program, request, { once: undefined, answer }, noon);
  const redemptionId = state?.record.redemptionId as RedemptionId;
  const account = await getAccount(ledger, memberId);
  const entry = await getEntry(ledger, memberId, account?.version ?? 0);
  const events = entry ? toEvents(entry) : [];
  const body = JSON.stringify({ id: '1', source: 'philia.ledger', ...bodyOf(events.at(-1)) });
  const sent: { queue: string; body: string; seconds: number | undefined }[] = [];
  const look = (now: number) =>
    followHold(
      parseEvent(JSON.parse(body)),
      {
        ledger,
        now: () => now,
        program: async () => program,
        send: async (queue, text, seconds) => {
          sent.push({ queue, body: text, seconds });
        },
      },
      body,
    );
  const status = async (now: number) => (await readRedemption(ledger, redemptionId, now))?.record.status;
  return { ledger, program, redemptionId, events, body, sent, look, status };
}
const reward = { id: 'mug', name: 'Mug', points: 30, type: 'gift' as const, sku: 'MUG' };
const bodyOf = (event: { name: string; detail: unknown } | undefined) => ({
  'detail-type': event?.name,
  detail: event?.detail,
});

it('is published beside the points that it sets aside', async () => {
  const { events, redemptionId } = await world(15);
  expect(events.map(({ name }) => name)).toEqual(['PointsPosted', 'RedemptionAuthorized']);
  expect(events[1]?.detail).toMatchObject({
    redemption: { redemptionId, expiresAt: '2026-11-22T12:15:00Z' },
  });
});

it('waits in hops of a quarter of an hour at most, and ends at its end', async () => {
  const { sent, body, look, status } = await world(40);
  await look(noon + 1);
  await look(noon + 15 * minute + 2000);
  await look(noon + 30 * minute + 3000);
  await look(noon + 40 * minute - 1);
  expect(sent).toEqual([900, 900, 597, 1].map((seconds) => ({ queue: 'holds', body, seconds })));
  expect(await status(noon + 40 * minute)).toBe('authorized');
  await look(noon + 40 * minute);
  expect(await status(noon + 40 * minute)).toBe('expired');
  await look(noon + 41 * minute);
  expect(sent).toHaveLength(4);
});

it('that was captured in time is left as it is', async () => {
  const { ledger, program, redemptionId, look, status } = await world(15);
  const wanted = { redemptionId, end: 'capture' as const, mayUse: () => true };
  const given = { once: undefined, answer: () => ({ status: 200, body: null }) };
  await endRedemption(ledger, program, wanted, given, noon + minute);
  await look(noon + 20 * minute);
  expect(await status(noon + 20 * minute)).toBe('captured');
});

it('is not confused with any other event', async () => {
  const other = { name: 'PointsPosted' } as ParsedEvent;
  await expect(followHold(other, {} as never, '')).rejects.toThrow('PointsPosted');
});
