/**
 * A card's strip in the three scales of Apple's screens. A drawing costs a hundred times what a signature
 * does, but cards in the same state share it: the newest are kept, with what a manifest and an archive want
 * to know of them.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { CardView } from '../../core/card.ts';
import type { Rasterizer } from '../strip/raster.ts';
import { type StripState, stateOf } from '../strip/state.ts';
import { drawState } from '../strip/svg.ts';

/** A file of a pass with its checksums. */
export interface Strip {
  readonly name: string;
  readonly bytes: Buffer;
  readonly crc32: number;
  /** In hexadecimal digits. */
  readonly sha1: string;
}

/** The pictures of a view: equal views get the very same ones. */
export type Strips = (view: CardView) => readonly Strip[];

/** Apple, Human Interface Guidelines, Wallet: a store card's strip in points. */
const points = { width: 375, height: 144 };
const names = ['strip.png', 'strip@2x.png', 'strip@3x.png'];
/** About 6 MB: three pictures weigh some 40 KB. */
const keptMax = 160;

export function createStrips(draw: Rasterizer): Strips {
  /** By the state, for a picture follows from nothing else; the most recently asked for last. */
  const kept = new Map<string, readonly Strip[]>();
  return (view) => {
    const state = stateOf(view);
    const key = JSON.stringify(state);
    const strips = kept.get(key) ?? names.map((name, index) => drawStrip(draw, state, name, index + 1));
    kept.delete(key);
    const [oldest] = kept.size < keptMax ? [] : kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(key, strips);
    return strips;
  };
}

function drawStrip(draw: Rasterizer, state: StripState, name: string, scale: number): Strip {
  const bytes = draw(drawState(state, { width: points.width * scale, height: points.height * scale }));
  return { name, bytes, crc32: crc32(bytes), sha1: createHash('sha1').update(bytes).digest('hex') };
}
