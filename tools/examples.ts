/**
 * Writes `docs/examples.md`, the programme's arithmetic in worked examples, from the table that the tests play,
 * or checks it: `node tools/examples.ts [--check]`.
 */
import { join } from 'node:path';
import { chapters, sceneChapters } from '../test/golden/examples.ts';
import type { Found, Points, Scene, SceneStep } from '../test/golden/scenes.ts';
import {
  type At,
  type Buy,
  type Chapter,
  type Example,
  type Holding,
  type Line,
  type LotOf,
  linesOf,
  moneyText,
  type Refund,
  type Step,
  type Units,
} from '../test/golden/shapes.ts';
import { root, writeOrCheck } from './generated.ts';

export const examplesFile = join(root, 'docs/examples.md');

const intro = `# The arithmetic in examples

Every example can be pointed to by its number; it says what the programme says where it differs from the default one, shows line by line what happens and what the member then has, and below that the sums. Unless an example says otherwise the member is new and an Ami with no points, the programme is the default one without its bonuses (a point per euro; Ami × 1, Complice × 1.25, Intime × 1.5), and times are those of Paris.
`;

const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** Date and time of day as they stand in the text: the reader's clock is the one it was written by. */
function wallClock(at: At): { date: string; time: string } {
  const [date = '', rest = ''] = at.split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  const time = /^\d\d:\d\d(:\d\d)?/.exec(rest)?.[0] ?? '';
  return { date: `${Number(day)} ${months[Number(month) - 1]} ${year}`, time };
}

function instantText(at: At): string {
  const { date, time } = wallClock(at);
  return `${date}, ${time}`;
}

/** The instant in UTC: the date only where it is another one than on the wall. */
function utcText(at: At): string {
  const utc = new Date(at).toISOString();
  const { date, time } = wallClock(utc);
  const short = time.replace(/:00$/, (seconds, place) => (place > 2 ? '' : seconds));
  return date === wallClock(at).date ? `${short} UTC` : `${date}, ${short} UTC`;
}

// What happens ------------------------------------------------------------------------------------------

const places = { store: 'in the store', web: 'on the web', app: 'in the app' } as const;

function lineText(line: Line, currency: string): string {
  const article = line.sku === undefined ? '' : `${line.quantity ?? 1} × ${line.sku} for `;
  const known = [line.category?.replace('-', ' '), line.brand].filter((one) => one !== undefined);
  const kind = known.length === 0 ? '' : ` (${known.join(', ')})`;
  return `${article}${moneyText(line.amount, currency)}${kind}`;
}

function buyText(step: Buy): string {
  const currency = step.currency ?? 'EUR';
  const lines = linesOf(step).map((line) => lineText(line, currency));
  if (step.shipping !== undefined) lines.push(`shipping ${moneyText(step.shipping, currency)}`);
  const what = `${places[step.channel]}: ${lines.join(' + ')}`;
  if (step.boughtAt === undefined) return `Buys ${what}`;
  return `A purchase of ${instantText(step.boughtAt)} arrives, ${what}`;
}

function backText({ back }: Refund, bought: Buy): string {
  const currency = bought.currency ?? 'EUR';
  const money = (amount: unknown) => moneyText(String(amount), currency);
  if (back === 'everything') return 'all of it';
  if ('order' in back) return `${money(back.order)} of the whole order`;
  if ('shipping' in back) return `${money(back.shipping)} of the shipping`;
  const one = bought.lines.length === 1;
  const units = (part: string | Units) =>
    typeof part === 'string' ? money(part) : `${money(part.amount)} for ${part.quantity} ×`;
  return Object.entries(back)
    .map(([line, part]) => `${units(part)}${one ? '' : ` of line ${line}`}`)
    .join(' and ');
}

function refundText(step: Refund, purchases: readonly Buy[]): string {
  const bought = purchases[step.of - 1];
  if (!bought) throw new Error(`There is no purchase ${step.of}: there are ${purchases.length}.`);
  const of = purchases.length === 1 ? '' : `, purchase of ${instantText(bought.boughtAt ?? bought.at)}`;
  return `Gets a refund: ${backText(step, bought)}${of}`;
}

function happens(step: Step, purchases: readonly Buy[]): string {
  switch (step.do) {
    case 'buy':
      return buyText(step);
    case 'refund':
      return refundText(step, purchases);
    case 'return':
      return `Brings ${step.quantity} × ${step.sku} back without a receipt`;
    case 'spend':
      return `Spends ${step.points} points`;
    case 'program':
      return `The programme changes: ${step.says}`;
    case 'enrol':
      return 'Enrols';
    case 'birthday':
      return step.day === undefined ? 'Has a birthday' : `The birthday of ${step.day} is noticed`;
    case 'profile':
      return 'Completes the profile';
    case 'redeem':
      return `Redeems the reward \`${step.reward}\``;
    case 'cancel':
      return 'Takes the redemption back';
    case 'voucher':
      return 'Uses the voucher of the full card';
    case 'look':
      return 'Looks at the card';
  }
}

// What the member then has ------------------------------------------------------------------------------

function lotText({ points, from, until }: LotOf): string {
  const pending = from === undefined ? '' : `can be spent from ${instantText(from)} and `;
  return `${points} ${pending}${until === null ? 'never lapse' : `lapse on ${instantText(until)}`}`;
}

function tierText(tier: string, until: At | null | undefined): string {
  const name = tier.charAt(0).toUpperCase() + tier.slice(1);
  return until ? `${name} until ${instantText(until)}` : name;
}

function holdingText(has: Holding): string {
  const points = has.available ?? 0;
  const balance = [
    `**${points} ${points === 1 ? 'point' : 'points'}**`,
    ...(has.pending === undefined ? [] : [`**${has.pending} pending**`]),
    ...(has.debt === undefined ? [] : [`**owes ${has.debt}**`]),
  ].join(', ');
  return [
    balance,
    ...(has.tier === undefined ? [] : [tierText(has.tier, has.tierUntil)]),
    ...(has.lots ?? []).map(lotText),
    ...(has.lastDay === undefined ? [] : [`shown as ending on ${wallClock(has.lastDay).date}`]),
    ...(has.lapsed ? [`${has.lapsed} lapsed so far`] : []),
    ...(has.stamps === undefined ? [] : [`${has.stamps} ${has.stamps === 1 ? 'stamp' : 'stamps'}`]),
    ...(has.vouchers === undefined
      ? []
      : [`${has.vouchers} ${has.vouchers === 1 ? 'voucher' : 'vouchers'} of full cards`]),
    ...(has.gifts === undefined ? [] : [giftsText(has.gifts)]),
    ...(has.order === undefined ? [] : [`the order is ${has.order}`]),
  ].join('; ');
}

function giftsText(names: readonly string[]): string {
  if (names.length === 0) return 'no voucher';
  return `${names.length === 1 ? 'a voucher' : 'vouchers'} for ${names.map((name) => `“${name}”`).join(' and ')}`;
}

/** What the step itself gave or took. */
function moved(step: Step): string {
  if (step.do === 'buy' && step.earns !== undefined) return ` → earns ${step.earns}`;
  if ((step.do === 'refund' || step.do === 'return') && step.takes !== undefined)
    return ` → ${step.takes === 0 ? 'nothing is' : step.takes === 1 ? '1 point is' : `${step.takes} points are`} taken back`;
  return '';
}

// The document ------------------------------------------------------------------------------------------

function exampleText({ id, title, says, words, steps, sums, showUtc }: Example): string {
  const purchases = steps.filter((step): step is Buy => step.do === 'buy');
  const rows = steps.map((step) => {
    const when = showUtc ? `${instantText(step.at)} (${utcText(step.at)})` : instantText(step.at);
    const has = step.has === undefined ? '' : holdingText(step.has);
    return `| ${when} | ${happens(step, purchases)}${moved(step)} | ${has} |`;
  });
  return [
    `### ${id} ${title}`,
    '',
    says === undefined ? words : `*The programme says:* ${says} ${words}`,
    '',
    '| When | What happens | The member then has |',
    '| --- | --- | --- |',
    ...rows,
    '',
    ...(sums ?? []).map((sum) => `- \`${sum}\``),
    '',
  ].join('\n');
}

function chapterText(number: number, { title, words }: Pick<Chapter, 'title' | 'words'>, texts: string[]) {
  return [`## ${number}. ${title}`, '', words, '', ...texts].join('\n');
}

// Scenes of several ---------------------------------------------------------------------------------------

function sceneHappens(step: SceneStep): string {
  switch (step.do) {
    case 'sell':
    case 'import': {
      const what = `${moneyText(step.amount, step.currency ?? 'EUR')} to ${step.to}, \`${step.id}\``;
      const then = step.boughtAt === undefined ? '' : `, of ${instantText(step.boughtAt)}`;
      if (step.do === 'import') return `An operator imports a sale of the ${step.channel}: ${what}${then}`;
      return `The ${step.channel} sells ${what}${then}`;
    }
    case 'give back':
      return `The ${step.channel} gives back ${moneyText(step.amount, 'EUR')} of \`${step.of}\``;
    case 'redeem':
      return `${step.who} redeems the reward \`${step.reward}\`${step.on ? ` on \`${step.on}\`` : ''}`;
    case 'use':
      return `${step.who} uses the voucher${step.on ? ` on \`${step.on}\`` : ''}`;
    case 'post as':
      return `An operator posts it as \`${step.as}\``;
  }
}

function pointsText(points: Points): string {
  if (typeof points !== 'number') return `**${points.pending} pending**`;
  return `**${points} ${points === 1 ? 'point' : 'points'}**`;
}

function foundText({ Ada, Ben, orders, voucher, open }: Found): string {
  return [
    ...(Ada === undefined ? [] : [`Ada has ${pointsText(Ada)}`]),
    ...(Ben === undefined ? [] : [`Ben has ${pointsText(Ben)}`]),
    ...Object.entries(orders ?? {}).map(
      ([id, status]) => `\`${id}\` is ${status === 'conflict' ? 'in conflict' : status}`,
    ),
    ...(orders && Object.keys(orders).length === 0 ? ['the purchase is not known'] : []),
    ...(voucher === undefined ? [] : [`the voucher is ${voucher}`]),
    ...(open ?? []).map(([type, who]) => `operators see \`${type}\` of ${who}`),
    ...(open?.length === 0 ? ['nothing to look at'] : []),
  ].join('; ');
}

function sceneText({ id, title, words, steps }: Scene): string {
  const rows = steps.map((step) => {
    const refused = step.refused === undefined ? '' : ` → refused, \`${step.refused}\``;
    return `| ${instantText(step.at)} | ${sceneHappens(step)}${refused} | ${foundText(step.has)} |`;
  });
  const head = ['| When | What happens | Then |', '| --- | --- | --- |'];
  return [`### ${id} ${title}`, '', words, '', ...head, ...rows, ''].join('\n');
}

/** The document as it should be. */
export function examplesDocument(): string {
  const texts = [
    ...chapters.map((chapter, at) => chapterText(at + 1, chapter, chapter.examples.map(exampleText))),
    ...sceneChapters.map((chapter, at) =>
      chapterText(chapters.length + at + 1, chapter, chapter.examples.map(sceneText)),
    ),
  ];
  return `${[intro, ...texts].join('\n').trimEnd()}\n`;
}

if (import.meta.main) await writeOrCheck({ [examplesFile]: examplesDocument() });
