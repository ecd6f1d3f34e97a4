/** People's names in what others wrote: recognised by keyed hashes, since the names themselves are gone by then. */
import type { LedgerContext } from '../store/context.ts';

/** A name as it can be recognised and not read: the lengths of its words spare most texts the hashing. */
export interface NameHash {
  readonly hash: string;
  readonly lengths: readonly number[];
}

const word = /[\p{L}\p{M}\p{N}]+(?:['’.-][\p{L}\p{M}\p{N}]+)*/gu;

/** One word alone may be an ordinary one ("Will", "Grace"): then its capitals count, of whole names they do not. */
function normalised(words: readonly string[]): string {
  const text = words.join(' ').normalize('NFC');
  return words.length > 1 ? text.toLowerCase() : text;
}

function hashOf(context: LedgerContext, words: readonly string[]): string {
  return context.keyed('erased name', normalised(words));
}

/** What a name is recognised by; nothing for what is too short to be told from any other text. */
export function nameHashes(context: LedgerContext, name: string | null | undefined): NameHash[] {
  const words = (name ?? '').normalize('NFC').match(word) ?? [];
  if (words.join('').length < 3) return [];
  return [{ hash: hashOf(context, words), lengths: words.map(({ length }) => length) }];
}

/** A text with some names replaced, wherever they stand as whole words. */
export function withoutNames(
  context: LedgerContext,
  text: string,
  names: readonly NameHash[],
  replacement: string,
): string {
  let clean = text;
  for (const { hash, lengths } of names) {
    const found = [...clean.normalize('NFC').matchAll(word)];
    const places = found.flatMap((first, at) => {
      const words = found.slice(at, at + lengths.length);
      const texts = words.map(([one]) => one);
      const mayBe = lengths.every((length, index) => texts[index]?.length === length);
      const last = words.at(-1);
      if (!mayBe || !last || hashOf(context, texts) !== hash) return [];
      return [{ from: first.index, to: last.index + last[0].length }];
    });
    if (places.length === 0) continue;
    clean = clean.normalize('NFC');
    // From behind, so that the places before stay where they are.
    for (const { from, to } of places.reverse()) clean = clean.slice(0, from) + replacement + clean.slice(to);
  }
  return clean;
}
