/**
 * A member to preview a programme with. Nobody writes their figures: they join, buy until the second tier is
 * reached, fill half of each stamp card and take a reward, all by the core's own commands.
 */

import type { Account, PlannedEntry } from '../../core/account.ts';
import { type CardLinks, type CardView, type CardVoucher, viewCard } from '../../core/card.ts';
import { makeCardNumber } from '../../core/cardnumber.ts';
import { type ChannelKind, channelKinds, makeId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { ownValue } from '../../core/own.ts';
import { award, enrol, settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { speak } from '../../core/program-texts.ts';
import { redeem, refuseReward } from '../../core/redemptions.ts';
import { matchingStamps } from '../../core/stamps.ts';
import { makeVoucherCode, vouchersFor } from '../../core/vouchers.ts';

export interface SampleHolder {
  readonly name: string;
  readonly locale: string;
}

const sampleUlid = '01JD3F8Q2V9T4C7XKZ5M6N8P0R';
const memberId = makeId('member', sampleUlid);
const dayMs = 86_400_000;

export const sampleLinks: CardLinks = {
  cardUrl: 'https://points.example.com/card/7Qm2xN4vKc9RbT1wLz8s',
  appleUrl: 'https://points.example.com/v1/cards/7Qm2xN4vKc9RbT1wLz8s/apple',
  googleUrl: 'https://points.example.com/v1/cards/7Qm2xN4vKc9RbT1wLz8s/google',
};

/** The card of the sample member at an instant, in milliseconds since 1970. */
export function sampleView(program: Program, holder: SampleHolder, now: number): CardView {
  const life: Life = { program, account: enrolled(program, now - 45 * dayMs), issued: [] };
  buy(life, { channel: soonest(program), lines: [line('1', wantedMinor(program))] }, now - 30 * dayMs);
  for (const { id, of } of program.stamps) fillHalf(life, id, of, now - 12 * dayMs);
  takeReward(life, now - 5 * dayMs);
  buy(life, { channel: latest(program), lines: [line('1', wantedMinor(program) / 8)] }, now - 2 * dayMs);
  const account = settle(program, life.account, now).account;
  const cardNumber = makeCardNumber(4_207_318_652);
  return viewCard(program, account, { ...holder, cardNumber }, vouchersOf(life, holder.locale));
}

interface Life {
  readonly program: Program;
  account: Account;
  readonly issued: Issued[];
}

interface Issued {
  readonly rewardId: string;
  readonly expiresAt: string | null;
}

function enrolled(program: Program, now: number): Account {
  return enrol(program, memberId, now).account;
}

function keep(
  life: Life,
  plan: { readonly account: Account; readonly entries: readonly PlannedEntry[] },
): void {
  life.account = plan.account;
  for (const { vouchers, stamps } of plan.entries)
    life.issued.push(...(vouchers?.issued ?? []), ...(stamps?.issued ?? []));
}

type Line = RecordedPurchase['lines'][number];

function line(id: string, amountMinor: number, more: Partial<Line> = {}): Line {
  return { id, sku: 'SAMPLE', quantity: 1, amountMinor: Math.round(amountMinor), ...more };
}

type Bought = Pick<RecordedPurchase, 'channel' | 'lines'> & { readonly store?: string };

function purchaseOf({ program }: Life, bought: Bought, at: number): RecordedPurchase {
  const [currency = ''] = Object.keys(program.currencies);
  const totalMinor = bought.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  return { ...bought, id: `${bought.channel}:SAMPLE-${at}`, occurredAt: utc(at), currency, totalMinor };
}

function buy(life: Life, bought: Bought, at: number): void {
  keep(life, award(life.program, life.account, purchaseOf(life, bought, at), at));
}

/** What earns a little more than the second tier asks for; where there is none, some hundred points. */
function wantedMinor({ currencies, tiers, maxPointsPerPurchase }: Program): number {
  const [rate = { points: 1, perMinor: 1 }] = Object.values(currencies);
  const wanted = Math.min((tiers[1]?.threshold ?? 400) * 1.24, maxPointsPerPurchase);
  return Math.min(Math.ceil((wanted / rate.points) * rate.perMinor), amountMax);
}

/** What a line may come to at most, as the API takes it. */
const amountMax = 1_000_000_000_000;

/** The channel whose points can be spent first, and the one whose points wait longest. */
function soonest({ channels: rules }: Program): ChannelKind {
  return [...channelKinds].sort((a, b) => rules[a].pendingDays - rules[b].pendingDays)[0] ?? 'store';
}
function latest({ channels: rules }: Program): ChannelKind {
  return [...channelKinds].sort((a, b) => rules[b].pendingDays - rules[a].pendingDays)[0] ?? 'web';
}

/** Buys what a stamp card is for, where that can be guessed from the texts in its condition. */
function fillHalf(life: Life, id: string, of: number, at: number): void {
  const when = life.program.stamps.find((card) => card.id === id)?.when ?? '';
  const { memberId, tier, createdAt: since } = life.account;
  const member = { memberId, tier: tier.id, since };
  const isFor = (bought: Bought) =>
    matchingStamps(life.program, purchaseOf(life, bought, at), member).some((card) => card.id === id);
  const quantity = Math.ceil(of / 2);
  const found = guesses(when, quantity, soonest(life.program)).find(isFor);
  if (found && (ownValue(life.account.stamps, id) ?? 0) < quantity) buy(life, found, at);
}

function guesses(when: string, quantity: number, first: ChannelKind): Bought[] {
  const texts = [
    '',
    ...Array.from(when.matchAll(/'([^']*)'|"([^"]*)"/g), ([, one, other]) => one ?? other ?? ''),
  ];
  const lines = texts.flatMap((text) => [
    { category: text },
    { sku: text || 'SAMPLE' },
    { brand: text },
    { name: text },
  ]);
  return [first, ...channelKinds].flatMap((channel) =>
    texts.flatMap((store) =>
      lines.map((more) => ({ channel, store, lines: [line('1', 400 * quantity, { quantity, ...more })] })),
    ),
  );
}

/** Takes the cheapest reward that can be had and gives a voucher. */
function takeReward(life: Life, at: number): void {
  const { program, account } = life;
  const cheapest = program.rewards
    .filter((reward) => reward.type !== 'donation' && !refuseReward(program, account, reward, at))
    .sort((a, b) => a.points - b.points)[0];
  if (!cheapest) return;
  const vouchers = vouchersFor(program, cheapest, account, at);
  const redemptionId = makeId('redemption', sampleUlid);
  const spent = redeem(program, account, { redemptionId, points: cheapest.points, vouchers }, at);
  if (spent.type === 'planned') keep(life, spent);
}

function vouchersOf({ program, account, issued }: Life, locale: string): CardVoucher[] {
  const say = speak(program, locale);
  const end = ({ expiresAt }: Issued) => expiresAt ?? '9999';
  return issued
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > account.updatedAt)
    .sort((a, b) => (end(a) < end(b) ? -1 : 1))
    .flatMap(({ rewardId, expiresAt }, index) => {
      const reward = program.rewards.find(({ id }) => id === rewardId);
      let place = index;
      const code = makeVoucherCode((below) => (place = (place * 11 + 7) % below));
      return reward ? [{ code, name: say(reward.name), type: reward.type, expiresAt }] : [];
    });
}
