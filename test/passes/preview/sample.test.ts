/** The sample member of a programme: a life that the core has computed. */
import { describe, expect, it } from 'vitest';
import type { ProgramDocument } from '../../../core/program.ts';
import { cardOfAnswer, cardOfProgram } from '../../../passes/preview/files.ts';
import { previewsOf } from '../../../passes/preview/previews.ts';
import { sampleView } from '../../../passes/preview/sample.ts';
import { defaultProgram, noon } from '../../support/world.ts';
import { ana, answerOf, links, look } from '../views.ts';
import { logos } from './read.ts';

const holder = { name: 'Camille Durand', locale: 'fr' };
const sample = (changes: Partial<ProgramDocument> = {}) => sampleView(defaultProgram(changes), holder, noon);

describe('the sample member', () => {
  it('of the default programme has reached the second tier, half a stamp card and a voucher', () => {
    const view = sample();
    expect(view).toMatchObject({
      name: 'Camille Durand',
      locale: 'fr',
      tier: { id: 'complice', nextTier: { id: 'intime' } },
      stamps: [{ id: 'coffee', count: 3, of: 5 }],
      vouchers: [{ name: '€5 off', type: 'amount' }],
      status: 'active',
    });
    // 50 for joining and 620 for the purchase; 15 for 12 € of coffee at 1.25; 100 for the voucher;
    // 96 for 77.50 € in the web shop, which wait.
    expect(view.balance).toEqual({ available: 50 + 620 + 15 - 100, pending: 96, held: 0, debt: 0 });
    expect(sample()).toEqual(view);
  });

  it.each<[string, Partial<ProgramDocument>]>([
    ['one tier, and nothing to take', { tiers: [tier('ami', 0)], stamps: [], rewards: [], bonuses: {} }],
    [
      'rewards for nobody yet',
      { rewards: defaultProgram().rewards.map((one) => ({ ...one, points: 1_000_000 })) },
    ],
    ['points that never lapse and never wait', { expiry: null, channels: channelsWaiting(0) }],
    ['a tier out of reach', { tiers: [tier('ami', 0), tier('roi', 1_000_000_000)] }],
    ['one currency without decimals', { currencies: { JPY: { points: 1, perMinor: 150 } } }],
    [
      'a stamp card of a store',
      { stamps: [stampCard("purchase.store == 'paris-01' && line.brand == 'Philia'")] },
    ],
    ['a stamp card that cannot be guessed', { stamps: [stampCard('purchase.totalMinor > 90000000000')] }],
  ])('lives under a programme with %s', (_, changes) => {
    const view = sample(changes);
    expect(view.balance.available).toBeGreaterThanOrEqual(0);
    expect(Object.keys(previewsOf(view, links, logos))).toHaveLength(3);
  });

  it('finds what fills a stamp card in its condition, and leaves empty what nobody can guess', () => {
    const of = (when: string) => sample({ stamps: [stampCard(when)] }).stamps;
    expect(of("purchase.store == 'paris-01' && line.brand == 'Philia'")).toMatchObject([{ count: 4, of: 7 }]);
    expect(of('purchase.totalMinor > 90000000000')).toMatchObject([{ count: 0, of: 7 }]);
  });

  it('is refused with the field named when the programme is not valid', () => {
    const { version, ...document } = defaultProgram();
    expect(cardOfProgram(document, holder, noon)).toMatchObject({ type: 'card' });
    expect(cardOfProgram({ ...document, timeZone: 'Paris' }, holder, noon)).toEqual({
      type: 'invalid',
      errors: [{ path: 'timeZone', message: 'must be an IANA time zone, as Europe/Paris' }],
    });
  });
});

describe("a member's card from the API's answer", () => {
  it('is drawn as the ledger’s own view of it is', () => {
    for (const view of [ana, { ...ana, ...look, locale: 'de', name: null }]) {
      const card = cardOfAnswer(answerOf(view));
      expect(card.links).toEqual(links);
      expect(previewsOf(card.view, card.links, logos)).toEqual(previewsOf(view, links, logos));
    }
  });
});

function tier(id: string, threshold: number) {
  return { id, name: id, threshold, multiplier: '1' };
}

function channelsWaiting(pendingDays: number) {
  const rule = { multiplier: '1', pendingDays };
  return { web: rule, store: rule, app: rule };
}

function stampCard(when: string) {
  return { id: 'card', name: 'A card', when, of: 7, reward: 'free-coffee' };
}
