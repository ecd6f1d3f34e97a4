/** Points that operators give and take. */
import * as z from 'zod';
import { idSchema } from '../ids.ts';
import { instant, points, text } from './basics.ts';

const adjustmentPoints = 10_000_000;

export const adjustmentRequest = z
  .strictObject({
    memberId: idSchema('member'),
    points: z
      .int()
      .min(-adjustmentPoints)
      .max(adjustmentPoints)
      .refine((value) => value !== 0, 'must not be 0')
      .describe('Given when above zero, taken when below.'),
    reason: text(500),
  })
  .meta({ id: 'AdjustmentRequest' });

export const adjustment = z
  .strictObject({
    adjustmentId: idSchema('adjustment'),
    status: z.enum(['waiting', 'approved', 'rejected']),
    memberId: idSchema('member'),
    points,
    reason: z.string(),
    requestedBy: z.string().describe("The operator's key, or the `sub` of who had signed in."),
    requestedAt: instant,
    decidedBy: z.string().optional().describe('Absent while it waits.'),
    decidedAt: instant.optional(),
    decisionReason: z.string().optional(),
    entryId: idSchema('entry').optional().describe('The entry that it was posted with.'),
  })
  .meta({ id: 'Adjustment' });
export type AdjustmentAnswer = z.infer<typeof adjustment>;
