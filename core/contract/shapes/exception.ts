/** What an operator should look at. */
import * as z from 'zod';
import { idSchema } from '../ids.ts';
import { instant } from './basics.ts';

export const exceptionTypes = [
  'purchase_conflict',
  'purchase_reopened',
  'purchase_unclaimed',
  'refund_conflict',
  'refund_waiting',
  'refund_unmatched',
  'refund_partially_matched',
  'over_refund',
  'refund_rejected',
  'event_refused',
  'delivery_unreadable',
  'points_held',
  'voucher_not_applicable',
  'dead_letter',
] as const;
export type ExceptionType = (typeof exceptionTypes)[number];

export const exceptionStatuses = ['open', 'resolved', 'dismissed'] as const;

export const exception = z
  .strictObject({
    exceptionId: idSchema('exception'),
    type: z.enum(exceptionTypes),
    status: z.enum(exceptionStatuses),
    subject: z.string().describe('The id of the purchase, refund, event, member or message it is about.'),
    memberId: idSchema('member').nullable(),
    detail: z.string(),
    data: z.unknown().describe('What was received, as it was received.'),
    openedAt: instant,
    resolvedAt: instant.nullable().describe('When it was resolved or dismissed.'),
    handledBy: z
      .strictObject({ keyId: z.string(), name: z.string(), reason: z.string().nullable() })
      .optional()
      .describe('The operator who tried it again or dismissed it; absent where it resolved itself.'),
  })
  .meta({ id: 'Exception' });
export type ExceptionAnswer = z.infer<typeof exception>;
