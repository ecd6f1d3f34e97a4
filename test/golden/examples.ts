/**
 * The golden table: the programme's arithmetic in worked examples. Every number was computed by hand from the
 * rules; `docs/examples.md` is written from this table, and `examples.test.ts` plays it against the code: one member's
 * against the core, scenes of several against the ledger.
 */
import { bonuses } from './chapters/bonuses.ts';
import { campaigns } from './chapters/campaigns.ts';
import { currencies } from './chapters/currencies.ts';
import { debt } from './chapters/debt.ts';
import { earning } from './chapters/earning.ts';
import { lapsing } from './chapters/lapsing.ts';
import { orders } from './chapters/orders.ts';
import { pending } from './chapters/pending.ts';
import { refunds } from './chapters/refunds.ts';
import { returns } from './chapters/returns.ts';
import { rounding } from './chapters/rounding.ts';
import { stamps } from './chapters/stamps.ts';
import { tiers } from './chapters/tiers.ts';
import { together } from './chapters/together.ts';
import { visits } from './chapters/visits.ts';
import { zones } from './chapters/zones.ts';
import type { SceneChapter } from './scenes.ts';
import type { Chapter } from './shapes.ts';

export const chapters: readonly Chapter[] = [
  rounding,
  currencies,
  earning,
  pending,
  lapsing,
  zones,
  tiers,
  refunds,
  debt,
  returns,
  campaigns,
  visits,
  bonuses,
  stamps,
  orders,
];

/** What takes more than one member, numbered on. */
export const sceneChapters: readonly SceneChapter[] = [together];

export const examples = chapters.flatMap((chapter) => chapter.examples);
export const scenes = sceneChapters.flatMap((chapter) => chapter.examples);
