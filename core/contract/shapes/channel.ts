/** Channels, as operators add, pause and see them. */
import * as z from 'zod';
import { channelId, channelKinds } from '../ids.ts';
import { instant, text } from './basics.ts';

const kind = z.enum(channelKinds);

/** What the adapter of a shop will need has no field before there is one. */
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
  })
  .meta({ id: 'ChannelRequest' });

export const channel = z
  .strictObject({
    id: channelId,
    kind,
    name: z.string(),
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
