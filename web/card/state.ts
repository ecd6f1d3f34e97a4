/** What the card page knows, how each answer changes it, and when to ask again. Pure: no browser in it. */
import type { CardAnswer } from '../../core/contract/shapes/card.ts';

/** What came of asking once. */
export type News =
  | { readonly kind: 'card'; readonly card: CardAnswer }
  | { readonly kind: 'same' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unreachable' };

export interface CardState {
  readonly card: CardAnswer | null;
  /** The balance before the last change: there is none until something changed. */
  readonly previous: number | null;
  readonly exists: boolean;
  readonly reachable: boolean;
  /** Epoch milliseconds of the last answer. */
  readonly seenAt: number | null;
}

export const initialState: CardState = {
  card: null,
  previous: null,
  exists: true,
  reachable: true,
  seenAt: null,
};

export function next(
  state: CardState,
  { news, at }: { readonly news: News; readonly at: number },
): CardState {
  switch (news.kind) {
    case 'unreachable':
      return state.reachable ? { ...state, reachable: false } : state;
    case 'unknown':
      return { ...state, exists: false };
    case 'same':
      return { ...state, reachable: true, seenAt: at };
    case 'card':
      return { ...withCard(state, news.card), reachable: true, seenAt: at };
  }
}

/** A version only grows: an older one is a late answer and must not turn the balance back. */
function withCard(state: CardState, card: CardAnswer): CardState {
  if (state.card === null) return { ...state, card };
  if (card.version < state.card.version) return state;
  const before = state.card.balance.available;
  return { ...state, card, previous: before === card.balance.available ? state.previous : before };
}

const intervalMs = 2_000;
const longestMs = 30_000;

/** How often in a row the page asks in vain before it asks less often: whoever has just paid looks at once. */
const steps = [
  { same: 5, everyMs: intervalMs },
  { same: 15, everyMs: 4_000 },
  { same: Number.POSITIVE_INFINITY, everyMs: 10_000 },
] as const;

/**
 * How long to wait until the page asks again.
 * @param failures in a row: each doubles the time, up to half a minute
 * @param same answers in a row that told nothing new since somebody came to look
 */
export function delayAfter(failures: number, same: number): number {
  if (failures > 0) return Math.min(longestMs, intervalMs * 2 ** failures);
  return steps.find((step) => same < step.same)?.everyMs ?? longestMs;
}
