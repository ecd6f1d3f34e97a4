/**
 * `npm run bench:backtest`: how many purchases a second a backtest gets through on one core once they are
 * loaded, beside the ledger's own commands (`award`, `clawBack`) on the same purchases in the same process.
 *
 * Two sets: December 2010 (1,573 purchases with some 25 lines each, and their returns, posted through a ledger
 * in memory and read from it as a backtest reads them), and purchases with three lines. Four candidates: other
 * multipliers and tiers, those with a campaign on everything, with one on a category, and with visits.
 *
 * `-- --against ../base` plays the same windows by the modules of an older checkout as well, round by round in turn,
 * and says how many times as fast this one is. What both find has to be the same.
 */
import { deepStrictEqual } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { type BacktestSums, backtest } from '../../core/backtest/sums.ts';
import type { MemberWindow } from '../../core/backtest/window.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import type { ProgramDocument } from '../../core/program.ts';
import { enrol, putProgram, readWindows, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { decemberFile } from '../support/december.ts';
import { slowReplay } from '../support/slow-replay.ts';
import { aPurchase, aRefund, defaultProgram, testContext } from '../support/world.ts';

const program = defaultProgram();
const { version: _version, ...document } = program;
const day = 86_400_000;
const roundsCount = 9;
/** A round is at least this long, so that the clock and single pauses do not matter. */
const roundMsMin = 400;

interface Loaded {
  readonly members: readonly MemberWindow[];
  readonly purchases: number;
  readonly lines: number;
  readonly refunds: number;
  readonly to: number;
}

interface Row {
  readonly type?: 'refund';
  readonly member?: { readonly email: string };
  readonly occurredAt: string;
}

/** Posts what `happen` says through a ledger in memory, and reads it as a backtest does. */
async function loaded(begin: number, to: number, happen: (post: Post) => Promise<void>): Promise<Loaded> {
  const ledger = testContext(createMemoryStore());
  await putProgram(ledger, document, { keyId: 'bench', name: 'bench' }, begin);
  await happen({
    enrol: async (now) => {
      const outcome = await enrol(ledger, program, {}, now);
      if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
      return outcome.member.account.memberId;
    },
    buy: async (purchase, now) => void (await recordPurchase(ledger, program, purchase, now)),
    refund: async (refund, now) => void (await recordRefund(ledger, program, refund, now)),
  });
  const members: MemberWindow[] = [];
  const window = { from: begin, to };
  await readWindows(ledger, program, { window, hasTime: () => true, onMember: (one) => members.push(one) });
  const sold = members.flatMap(({ events }) => events.filter((event) => event.type === 'purchase'));
  return {
    members,
    to,
    purchases: sold.length,
    lines: sold.reduce((sum, { purchase }) => sum + purchase.lines.length, 0),
    refunds: members.reduce((sum, { refunds }) => sum + refunds, 0),
  };
}

interface Post {
  enrol(now: number): Promise<MemberId>;
  buy(purchase: RecordedPurchase, now: number): Promise<void>;
  refund(refund: RecordedRefund, now: number): Promise<void>;
}

function december(): Promise<Loaded> {
  const rows = readFileSync(decemberFile, 'utf8').trim().split('\n');
  return loaded(Date.parse('2010-12-01T00:00:00Z'), Date.parse('2011-01-01T00:00:00Z'), async (post) => {
    const known = new Map<string, MemberId>();
    for (const { type, member, ...body } of rows.map((text): Row => JSON.parse(text))) {
      if (!member) continue;
      const now = Date.parse(body.occurredAt);
      const memberId = known.get(member.email) ?? (await post.enrol(now));
      known.set(member.email, memberId);
      const sent = body as unknown as RecordedPurchase & RecordedRefund;
      const recorded = { ...sent, channel: 'store' as const, id: `store:${sent.id}` as const };
      if (type === 'refund') await post.refund({ ...recorded, member: { memberId } }, now);
      else await post.buy({ ...recorded, member: { memberId } }, now);
    }
  });
}

/** Ten purchases of three lines for each member, one in twenty of them refunded in part. */
function threeLines(members: number): Promise<Loaded> {
  const begin = Date.parse('2026-11-01T00:00:00Z');
  return loaded(begin, begin + 60 * day, async (post) => {
    const categories = ['coffee', 'kitchen', 'gift-card', 'tea'];
    for (let made = 0; made < members; made++) {
      const memberId = await post.enrol(begin);
      for (let index = 0; index < 10; index++) {
        const now = begin + index * 5 * day + made * 60_000;
        const number = made * 10 + index;
        const purchase = aPurchase([1_180 + (number % 977), 2_490, 350 + (number % 31)], {
          member: { memberId },
          occurredAt: new Date(now - 1_000).toISOString(),
        });
        const lines = purchase.lines.map((line, at) => ({
          ...line,
          name: `Article ${at}`,
          category: categories[(number + at) % 4] ?? '',
        }));
        await post.buy({ ...purchase, lines }, now);
        if (number % 20 === 7) await post.refund(aRefund(purchase, { '2': 1_000 }), now + day);
      }
    }
  });
}

const doubled: ProgramDocument = {
  ...document,
  channels: { ...document.channels, store: { multiplier: '2', pendingDays: 3 } },
  tiers: document.tiers.map((tier) => (tier.id === 'complice' ? { ...tier, threshold: 600 } : tier)),
};
const always = {
  name: 'Campaign',
  from: '2010-01-01T00:00:00Z',
  to: '2030-01-01T00:00:00Z',
  multiplier: '1.5',
};

const candidates: readonly (readonly [string, ProgramDocument])[] = [
  ['multipliers and tiers', doubled],
  ['and a campaign on everything', { ...doubled, campaigns: [{ id: 'all', ...always }] }],
  ['and visits', { ...doubled, visits: { points: 5, minimumMinor: 1_000, coolDownHours: 12 } }],
  [
    'and a campaign on a category',
    { ...doubled, campaigns: [{ id: 'one', ...always, when: "line.category == 'coffee'" }] },
  ],
];

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

interface Rate {
  /** Purchases a second by the clock on the wall. */
  readonly wall: number;
  /** By the processor time that the process took, collecting garbage and compiling included. */
  readonly core: number;
}

/** Goes through the whole set once. */
type Play = () => unknown;

/** One round. */
function rate({ purchases }: Loaded, msMin: number, play: Play): Rate {
  const begun = performance.now();
  const before = process.cpuUsage();
  let times = 0;
  do {
    play();
    times++;
  } while (performance.now() - begun < msMin);
  const wallMs = performance.now() - begun;
  const { user, system } = process.cpuUsage(before);
  const played = times * purchases;
  return { wall: played / (wallMs / 1000), core: played / ((user + system) / 1_000_000) };
}

/** The rates of several rounds, in each of which all play in turn. */
function rates(set: Loaded, rounds: number, msMin: number, plays: readonly Play[]): Rate[][] {
  // The first round is for the compiler.
  for (const play of plays) rate(set, msMin, play);
  return Array.from({ length: rounds }, () => plays.map((play) => rate(set, msMin, play)));
}

function middle(all: readonly (Rate | undefined)[]): Rate {
  const of = (which: keyof Rate) => median(all.map((one) => one?.[which] ?? 0));
  return { wall: of('wall'), core: of('core') };
}

/** The modules of one checkout by which a set is played. */
interface Modules {
  readonly compileCandidate: typeof compileCandidate;
  readonly backtest: typeof backtest;
}

function playBy(modules: Modules, set: Loaded, candidate: ProgramDocument): () => BacktestSums {
  const compiled = modules.compileCandidate(candidate);
  return () => {
    const test = modules.backtest(compiled, document, set.to);
    for (const member of set.members) test.add(member);
    return test.sums();
  };
}

async function modulesOf(checkout: string): Promise<Modules> {
  const load = (path: string) => import(pathToFileURL(resolve(checkout, path)).href);
  return { ...(await load('core/backtest/candidate.ts')), ...(await load('core/backtest/sums.ts')) };
}

const ours: Modules = { compileCandidate, backtest };
const { values: options } = parseArgs({ options: { against: { type: 'string' } } });
const older = options.against === undefined ? undefined : await modulesOf(options.against);

interface Measured {
  readonly fast: Rate;
  readonly slow: Rate;
  /** How many times as fast as the older checkout: the median of the rounds, and their quartiles. */
  readonly ratios: readonly [number, number, number] | undefined;
}

function measure(set: Loaded, candidate: ProgramDocument): Measured {
  const plays = [ours, ...(older ? [older] : [])].map((modules) => playBy(modules, set, candidate));
  const [found, ...others] = plays.map((play) => play());
  for (const other of others) deepStrictEqual(other, found, 'Both checkouts find the same.');
  const rounds = rates(set, roundsCount, roundMsMin, plays);
  const slowly = () =>
    set.members.reduce((sum, member) => sum + slowReplay(candidate, member, set.to).issued, 0);
  const slow = rates(set, 3, 0, [slowly]);
  const ratios = rounds.map(([our, their]) => (our?.core ?? 0) / (their?.core ?? 0)).sort((a, b) => a - b);
  const quartile = (number: number) => ratios[Math.floor((ratios.length * number) / 4)] ?? 0;
  return {
    fast: middle(rounds.map(([our]) => our)),
    slow: middle(slow.map(([one]) => one)),
    ratios: older && [quartile(1), quartile(2), quartile(3)],
  };
}

const show = (value: number) => Math.round(value).toLocaleString('en');

async function report(name: string, load: () => Promise<Loaded>): Promise<void> {
  const set = await load();
  const perPurchase = (set.lines / set.purchases).toFixed(1);
  console.log(
    `\n${name}: ${show(set.members.length)} members, ${show(set.purchases)} purchases of ${perPurchase} lines, ${show(set.refunds)} refunds`,
  );
  const compared = older ? '    against (quartiles)' : '';
  console.log(`  purchases/s  by core second  by award  ratio${compared}  candidate`);
  for (const [what, candidate] of candidates) {
    const { fast, slow, ratios } = measure(set, candidate);
    const ratio = `${Math.round(fast.core / slow.core)} ×`;
    const [low = '', times = '', high = ''] = (ratios ?? []).map((one) => one.toFixed(2));
    const figures = [
      show(fast.wall).padStart(13),
      show(fast.core).padStart(16),
      show(slow.core).padStart(10),
      ratio.padStart(7),
      ...(ratios ? [`${times} × (${low}–${high})`.padStart(23)] : []),
    ];
    console.log(`${figures.join('')}  ${what}`);
  }
}

if (existsSync(decemberFile)) await report('December 2010', december);
else console.warn(`December is not measured: ${decemberFile} is missing.`);
await report('Three lines', () => threeLines(3_000));
