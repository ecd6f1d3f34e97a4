/** Rewards. */
import * as z from 'zod';
import { channelId } from '../ids.ts';
import { currency, instant, points } from './basics.ts';

export const rewardId = z.string().max(64);

export const rewardTerms = {
  rewardId: z.string(),
  name: z.string(),
  type: z.enum(['amount', 'percent', 'gift', 'experience', 'right', 'donation', 'bundle']),
  valueMinor: z.int().optional(),
  currency: z.string().optional(),
  percent: z.string().optional(),
  sku: z.string().optional(),
  rewards: z.array(z.string()).optional().describe('Of a bundle: the ids of the rewards that it is made of.'),
  minimumMinor: z
    .union([z.int(), z.record(currency, z.int())])
    .optional()
    .describe(
      "What a purchase has to come to, by currency, or minor units of the reward's currency, else of the first that the programme lists.",
    ),
  channels: z.array(channelId).optional(),
};

export const rewardAnswer = z
  .strictObject({
    ...rewardTerms,
    points,
    tier: z.string().optional(),
    validDays: z.int().optional(),
    from: instant.optional(),
    to: instant.optional(),
    limit: z.int().optional(),
    left: z.int().optional().describe('How often a limited reward can still be had, over all members.'),
    limitPerMember: z.int().optional(),
    donated: points.optional().describe('The points that all members together have given.'),
  })
  .meta({ id: 'Reward' });
