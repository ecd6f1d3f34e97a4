/** What a purchase would earn. */
import * as z from 'zod';
import { points } from './basics.ts';
import { consideredCampaign, explanationStep } from './entry.ts';
import { purchaseFields } from './purchase.ts';

export const quote = z.strictObject(purchaseFields).meta({ id: 'Quote' });

export const quoteAnswer = z
  .strictObject({
    points: points.describe('What the purchase would earn if it were posted now.'),
    breakdown: z.array(explanationStep),
    campaigns: z.array(consideredCampaign),
    rewards: z
      .array(z.strictObject({ id: z.string(), name: z.string(), type: z.string(), points }))
      .describe('What the member could redeem now; empty for a guest.'),
  })
  .meta({ id: 'QuoteAnswer' });
