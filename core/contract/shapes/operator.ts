/** Operators: what they did, their switch, and callers' keys. */
import * as z from 'zod';
import { channelId, idSchema } from '../ids.ts';
import { instant, text } from './basics.ts';

export const auditItem = z
  .strictObject({
    auditId: idSchema('audit'),
    at: instant,
    keyId: z
      .string()
      .describe(
        "The operator's key, or the `sub` of the person who had signed in; `setup` for what was done by hand.",
      ),
    name: z.string().describe("The name that the key was given, or the person's user name."),
    action: z.string(),
    subject: z.string().describe('The id of what was acted on.'),
    reason: z.string().nullable(),
  })
  .meta({ id: 'AuditItem' });

export const redemptionSwitch = z
  .strictObject({
    paused: z.boolean(),
    changedAt: instant.nullable().describe('Null where it was never thrown.'),
    changedBy: z.string().nullable().describe("The operator's key, or the `sub` of who had signed in."),
    reason: z.string().nullable(),
  })
  .meta({ id: 'RedemptionSwitch' });

export const keyRequest = z
  .strictObject({
    name: text(64),
    role: z.enum(['channel', 'ops']),
    channel: channelId.optional().describe("For a channel's key only."),
  })
  .superRefine(({ role, channel }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['channel'], message });
    if (role === 'channel' && channel === undefined) refuse('is needed for the key of a channel');
    if (role === 'ops' && channel !== undefined) refuse('is for the key of a channel only');
  })
  .meta({ id: 'KeyRequest' });

export const key = z
  .strictObject({
    keyId: idSchema('key'),
    name: z.string(),
    role: z.enum(['channel', 'ops']),
    channel: channelId.nullable(),
    createdAt: instant,
    expiresAt: instant.nullable().describe('Set once the key was rotated; null for a key that lasts.'),
  })
  .meta({ id: 'Key' });
export type KeyAnswer = z.infer<typeof key>;

export const newKey = z
  .strictObject({ ...key.shape, key: z.string().describe('The text of the key: shown this once.') })
  .meta({ id: 'NewKey' });
