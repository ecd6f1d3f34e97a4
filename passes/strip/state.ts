/**
 * What the strip shows of a card, and nothing else of it: cards in one state share one picture. Progress goes
 * by few steps and is rounded down, so that many cards share a state and none promises what is not there.
 */
import type { CardView } from '../../core/card.ts';
import type { CardColours } from '../../core/look.ts';
import { colours as houseColours } from '../colours.ts';

/** A bar has twelve steps: fine enough to see a purchase move it, coarse enough for cards to share pictures. */
export const steps = 12;

/** How far a bar is filled: not at all, by less than its first step, by whole steps, or to its end. */
export type Fill = 'empty' | 'begun' | number | 'full';

/** A card of few stamps has a place for each; of one with more than can be told apart a bar is drawn. */
export type StampState =
  | { readonly type: 'places'; readonly filled: number; readonly of: number }
  | { readonly type: 'bar'; readonly fill: Fill };

export type StripState =
  | { readonly type: 'closed'; readonly colours: CardColours }
  | {
      readonly type: 'open';
      readonly colours: CardColours;
      /** On the way to the next tier; full for who holds the highest, and for nobody else. */
      readonly tier: Fill;
      /** Of the stamp card that is nearest to completion; null where the programme has none. */
      readonly stamps: StampState | null;
    };

export function stateOf(view: CardView): StripState {
  const colours = view.colours ?? houseColours;
  return view.status !== 'active'
    ? { type: 'closed', colours }
    : { type: 'open', colours, tier: tierFill(view.tier), stamps: stampState(view.stamps) };
}

/** A tier that is not held yet never looks reached, not even where a new programme has moved its threshold. */
function tierFill({ qualifyingPoints, nextTier }: CardView['tier']): Fill {
  if (!nextTier) return 'full';
  return fillOf(qualifyingPoints, qualifyingPoints + Math.max(1, nextTier.pointsMissing));
}

/** How much of a whole there is. */
function fillOf(part: number, whole: number): Fill {
  if (part >= whole) return 'full';
  if (part <= 0) return 'empty';
  // Below twelve for all safe integers: their quotient is below one even when rounded.
  const reached = Math.floor((part / whole) * steps);
  return reached === 0 ? 'begun' : reached;
}

/** As many as still look like circles where two rows of them have half of the strip. */
export const placesMax = 20;

/** Of several stamp cards the one of which the greatest share is filled; of equal ones the programme's first. */
function stampState(stamps: CardView['stamps']): StampState | null {
  const [first, ...others] = stamps;
  if (!first) return null;
  const nearest = others.reduce(
    (best, one) => (one.count * best.of > best.count * one.of ? one : best),
    first,
  );
  const { count, of } = nearest;
  return of > placesMax
    ? { type: 'bar', fill: fillOf(count, of) }
    : { type: 'places', filled: Math.min(count, of), of };
}
