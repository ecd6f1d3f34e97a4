/**
 * A card's strip in the three scales of Apple's screens. To draw it costs as much as some eighty signatures,
 * but cards in the same state share it: what was made for the newest states is kept.
 */
import type { CardView } from '../../core/card.ts';
import type { Rasterizer } from '../strip/raster.ts';
import { type StripState, stateOf } from '../strip/state.ts';
import { drawState } from '../strip/svg.ts';
import type { Localized } from '../wording.ts';
import type { ZipEntry } from './zip.ts';

/** Apple, Human Interface Guidelines, Wallet: a store card's strip in points. */
const points = { width: 375, height: 144 };
const names = ['strip.png', 'strip@2x.png', 'strip@3x.png'];

/** The files that show a state. */
export function drawStrips(draw: Rasterizer, state: StripState): ZipEntry[] {
  return names.map((name, index) => {
    const scale = index + 1;
    const size = { width: points.width * scale, height: points.height * scale };
    return { name, bytes: draw(drawState(state, size)) };
  });
}

/** About 9 MB of archives that begin with some 55 KB of images. */
const keptMax = 160;

/** Makes a value once for all cards in a state whose programme has the same texts, for the newest of them. */
export function byState<T>(
  make: (state: StripState, texts: readonly Localized[]) => T,
): (view: CardView) => T {
  /** The most recently asked for last. */
  const kept = new Map<string, { readonly value: T }>();
  return (view) => {
    const state = stateOf(view);
    const texts = translatedOn(view);
    const key = JSON.stringify([state, texts]);
    const known = kept.get(key) ?? { value: make(state, texts) };
    kept.delete(key);
    const [oldest] = kept.size < keptMax ? [] : kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(key, known);
    return known.value;
  };
}

/** A phone translates whatever text it finds: what a member is called is not to be taken for a name of the programme's. */
function translatedOn({ name, texts }: CardView): readonly Localized[] {
  return texts.filter((text) => !Object.values(text).some((one) => one === name));
}
