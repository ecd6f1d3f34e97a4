/** Has the system recompute every balance, lot, tier, hash and sequence from the entries. */
import type { BodyFrom, RequestTo } from './contract.ts';

export type Verified = BodyFrom<'POST /v1/ledger/verify'>;

/** Has one request's worth of work done. */
export type Verify = (body: RequestTo<'POST /v1/ledger/verify'>['body']) => Promise<Verified>;

export interface Totals {
  members: number;
  entries: number;
  readonly differences: Verified['differences'];
}

/**
 * Follows the answers' cursors to their ends and adds up what they say: of one member, or of all in several parts side
 * by side.
 */
export async function checkLedger(
  verify: Verify,
  memberId: string | undefined,
  onStep: (totals: Totals) => void,
): Promise<Totals> {
  const totals: Totals = { members: 0, entries: 0, differences: [] };
  const follow = async (body: Parameters<Verify>[0]): Promise<void> => {
    const { members, entries, differences, cursor, cursors } = await verify(body);
    totals.members += members;
    totals.entries += entries;
    totals.differences.push(...differences);
    if (!cursors) onStep(totals);
    const next = cursors ?? (cursor === undefined ? [] : [cursor]);
    await Promise.all(next.map((one) => follow({ ...(memberId && { memberId }), cursor: one })));
  };
  await follow(memberId === undefined ? { segments: sideBySide } : { memberId });
  return totals;
}

/** Parts of the ledger that are asked for at a time: more would only wait for one another. */
export const sideBySide = 8;

export function describe({ members, entries, differences }: Totals): string {
  const lines = differences.map(
    ({ memberId, sequence, field, stored, computed }) =>
      `${memberId} entry ${sequence} ${field}: stored ${JSON.stringify(stored)}, computed ${JSON.stringify(computed)}`,
  );
  const rows = Object.entries({ members, entries, differences: differences.length });
  return [...lines, ...rows.map(([name, value]) => `${name.padEnd(13)}${value}`)].join('\n');
}

/** How many members there are is not known before the end, so what is shown is how many were done. */
export function soFar({ members, entries, differences }: Totals): string {
  return `${members} members, ${entries} entries verified, ${differences.length} differences`;
}
