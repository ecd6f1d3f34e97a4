/** Channels, as operators add, pause and see them. */
import * as z from 'zod';
import { channelId, channelKinds } from '../ids.ts';
import { instant, text } from './basics.ts';

const kind = z.enum(channelKinds);

const adapterName = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be one that GET /v1/adapters names');
/** What is written and never read again. */
const secretText = text(4096);

export const channelRequest = z
  .strictObject({
    kind: kind.describe(
      'What it is: its events come from the source philia.channel.<kind>, and where the programme says nothing of it, the terms of the kind hold. It stays what it was made as.',
    ),
    name: text(100).describe('What people call it.'),
    paused: z
      .boolean()
      .optional()
      .describe(
        'Whether its keys may read and change nothing; absent leaves it as it is. An import of its history goes on.',
      ),
    adapter: adapterName
      .optional()
      .describe('The shop that delivers to it, of those at GET /v1/adapters; absent leaves it as it is.'),
    settings: z
      .record(z.string().max(64), text(1000))
      .optional()
      .describe('What the adapter has to know of the shop, all of it; absent leaves it as it is.'),
    secrets: z
      .array(secretText)
      .max(10)
      .optional()
      .describe(
        'What the shop signs with: all of them are valid, so that a new one can stand beside the old. They take the place of those before and are never shown; absent leaves those.',
      ),
    apiToken: secretText
      .optional()
      .describe("What the shop's API wants to see, as the adapter says; never shown."),
  })
  .meta({ id: 'ChannelRequest' });

export const channel = z
  .strictObject({
    id: channelId,
    kind,
    name: z.string(),
    adapter: adapterName.nullable().describe('The shop that delivers to it; null where none does.'),
    settings: z.record(z.string(), z.string()).describe('What the adapter knows of that shop.'),
    secretCount: z.int().min(0).describe('How many secrets its deliveries may be signed with.'),
    hasApiToken: z.boolean().describe('Whether its shop can be asked for orders.'),
    lastDeliveryAt: instant
      .nullable()
      .describe('When its shop last delivered something genuine, to half a minute; null before.'),
    paused: z.boolean(),
    pausedAt: instant.nullable().describe('Since when it is paused; null while it is not.'),
    createdAt: instant
      .nullable()
      .describe('Null for web, store and app, which were there from the beginning.'),
    removable: z
      .boolean()
      .describe('Whether it can still be removed: it has had no key yet, and no event or import has come.'),
  })
  .meta({ id: 'Channel' });
export type ChannelAnswer = z.infer<typeof channel>;

export const adapter = z
  .strictObject({
    adapter: adapterName.describe('What it is called where a channel is connected to it.'),
    settings: z
      .array(
        z.strictObject({
          name: z.string().describe('What it is called in the settings of a channel.'),
          says: z.string().describe('What it is.'),
          needed: z.boolean().describe('Whether it may not be left out.'),
        }),
      )
      .describe('What it has to know of a shop.'),
    secret: z.string().nullable().describe('What a secret is, and where the shop shows it.'),
    apiToken: z.string().nullable().describe('What the token of its API is; null where it is never asked.'),
    clicks: z
      .array(z.string())
      .describe(
        "What to do in the shop's console; `{url}` stands for the address of the channel's deliveries.",
      ),
  })
  .meta({ id: 'Adapter' });

export const delivered = z
  .strictObject({
    accepted: z
      .int()
      .min(0)
      .describe('How many orders, refunds and returns of it were taken: 0 of a repeat.'),
  })
  .meta({ id: 'Delivered' });

export const reconcileRequest = z
  .strictObject({
    since: instant.describe('Orders that changed since.'),
    cursor: z.string().max(2048).nullish().describe('Of the page before.'),
    post: z.boolean().default(false).describe('Whether what is missing is posted; else it is only told.'),
  })
  .meta({ id: 'ReconcileRequest' });

export const reconciled = z
  .strictObject({
    items: z.array(
      z.strictObject({
        orderId: z.string().describe("The shop's own id of the order, or of a return without one."),
        purchases: z
          .array(z.strictObject({ id: z.string(), totalMinor: z.int(), currency: z.string() }))
          .describe('What is missing, or was posted now.'),
        refunds: z
          .array(z.strictObject({ id: z.string(), purchaseId: z.string().nullable() }))
          .describe('The same of what was given back.'),
        refused: z.array(z.string()).describe('Why it cannot be posted.'),
      }),
    ),
    cursor: z.string().nullable(),
  })
  .meta({ id: 'Reconciled' });
export type Reconciled = z.infer<typeof reconciled>;
