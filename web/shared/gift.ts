/** What somebody is given, as it stands in a sentence. */
import { formatNumber, type Speech } from './language.ts';
import { words } from './words/index.ts';

/** `50 points and A coffee on us`; undefined for nothing. */
export function giftText(points: number | null, reward: string | null, speech: Speech): string | undefined {
  const parts = [
    ...(points ? [words[speech.language].card.points(points, formatNumber(points, speech))] : []),
    ...(reward === null ? [] : [reward]),
  ];
  return parts.length === 0 ? undefined : new Intl.ListFormat(speech.language).format(parts);
}
