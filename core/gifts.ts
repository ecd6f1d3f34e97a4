/** What the programme gives for an occasion, as joining or a birthday: points, a reward's voucher, or both. */
import * as z from 'zod';
import type { BonusKind } from './account.ts';
import type { ProgramDocument } from './program.ts';
import type { Reward } from './redemptions.ts';

const example = '{ "points": 50, "reward": "free-coffee" }';

export type Gift = number | { readonly points?: number | undefined; readonly reward?: string | undefined };

/** A gift in the document: a number is points. */
export function giftSchema(points: z.ZodType<number, number>, rewardId: z.ZodType<string, string>) {
  const error = `must be points, a whole number from 0 to 10,000,000, or points, a reward's id or both, as ${example}`;
  const both = z
    .strictObject({ points: points.optional(), reward: rewardId.optional() }, { error })
    .refine((gift) => gift.points !== undefined || gift.reward !== undefined, error);
  return z
    .union([points, both], { error })
    .describe(`Points, or points, the reward of which a voucher is given, or both, as ${example}.`);
}

/** A gift's two parts, whichever way it is written. */
export function giftOf(gift: Gift | undefined): { readonly points: number; readonly reward?: string } {
  if (gift === undefined || typeof gift === 'number') return { points: gift ?? 0 };
  const { points = 0, reward } = gift;
  return reward === undefined ? { points } : { points, reward };
}

/** The reward of which a bonus gives a voucher. */
export function giftReward(
  { bonuses, rewards }: Pick<ProgramDocument, 'bonuses' | 'rewards'>,
  bonus: BonusKind,
): Reward | undefined {
  const { reward } = giftOf(bonuses[bonus]);
  return reward === undefined ? undefined : rewards.find(({ id }) => id === reward);
}
