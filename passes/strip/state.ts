/**
 * What the strip tells of a card, in few steps: many cards share one state, and so one picture. Whatever is
 * rounded is rounded down, so no picture promises what is not there.
 */
import type { CardView } from '../../core/card.ts';

/** A bar has twelve steps: fine enough to see a purchase move it, coarse enough for cards to share pictures. */
export const steps = 12;

/** How far a bar is filled: not at all, by less than its first step, by whole steps, or to its end. */
export type Fill = 'empty' | 'begun' | number | 'full';

export interface StripState {
  /** On the way to the next tier; full for who holds the highest. */
  readonly tier: Fill;
  /** The stamp card that is nearest to completion; null where the programme has none. */
  readonly stamps: { readonly filled: number; readonly of: number } | null;
}

export function stateOf({ tier, stamps }: Pick<CardView, 'tier' | 'stamps'>): StripState {
  return { tier: tierFill(tier), stamps: nearestStamps(stamps) };
}

/** A tier that is not held yet never looks reached, not even where a new programme has moved its threshold. */
function tierFill({ qualifyingPoints, nextTier }: CardView['tier']): Fill {
  if (!nextTier) return 'full';
  return fillOf(qualifyingPoints, qualifyingPoints + Math.max(1, nextTier.pointsMissing));
}

/** How much of a whole there is. */
export function fillOf(part: number, whole: number): Fill {
  if (part >= whole) return 'full';
  if (part <= 0) return 'empty';
  // A quotient of great numbers may be rounded up to the whole, which is not reached here.
  const reached = Math.min(Math.floor((part / whole) * steps), steps - 1);
  return reached === 0 ? 'begun' : reached;
}

/** Of several stamp cards the one of which the greatest share is filled, and of equal ones the first. */
function nearestStamps(stamps: CardView['stamps']): StripState['stamps'] {
  const [first, ...others] = stamps;
  if (!first) return null;
  const nearest = others.reduce(
    (best, one) => (one.count * best.of > best.count * one.of ? one : best),
    first,
  );
  return { filled: Math.min(nearest.count, nearest.of), of: nearest.of };
}
