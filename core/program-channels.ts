/**
 * The channels that a programme names. Its schema knows what an id of one looks like; which there are is data, so
 * whoever is about to put a programme in force, or to plan one, holds it against them.
 */
import { type Channels, channelNames } from './channels.ts';
import type { FieldError } from './contract/errors.ts';
import type { ChannelId } from './contract/ids.ts';
import { storedCondition } from './expressions.ts';
import type { ProgramDocument } from './program.ts';

interface Named {
  /** Dotted, as in `campaigns.0.channels.1`. */
  readonly path: string;
  readonly id: ChannelId;
}

/** Every place of a document that names a channel; of those that its schema asks for, too. */
export function channelsNamed({ channels, campaigns, stamps, rewards }: ProgramDocument): Named[] {
  const listed = (path: string, ids: readonly ChannelId[] = []) =>
    ids.map((id, index) => ({ path: `${path}.${index}`, id }));
  const inCondition = (path: string, when: string | undefined) =>
    when === undefined ? [] : storedCondition(when).reads.channels.map((id) => ({ path, id }));
  return [
    ...Object.keys(channels).map((id) => ({ path: `channels.${id}`, id })),
    ...campaigns.flatMap((one, index) => [
      ...listed(`campaigns.${index}.channels`, one.channels),
      ...inCondition(`campaigns.${index}.when`, one.when),
    ]),
    ...stamps.flatMap((one, index) => inCondition(`stamps.${index}.when`, one.when)),
    ...rewards.flatMap((one, index) => listed(`rewards.${index}.channels`, one.channels)),
  ];
}

/** What is wrong with a document that names channels which there are not, and what to do about it. */
export function unknownChannels(document: ProgramDocument, channels: Channels): FieldError[] {
  return channelsNamed(document)
    .filter(({ id }) => !channels.has(id))
    .map(({ path, id }) => ({
      path,
      message: `must be a channel that there is (${channelNames(channels)}): add ${id} first, by PUT /v1/channels/${id}`,
    }));
}
