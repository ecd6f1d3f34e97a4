/**
 * The name and the contacts of a member are written into every free text that the route table has; after the erasure no
 * answer of any GET holds one of them.
 */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type * as z from 'zod';
import type { ChannelKind, MemberId } from '../../core/contract/ids.ts';
import { type Route, type RouteName, routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { createKey, recordPurchase } from '../../ledger/ledger.ts';
import { convert, type JsonSchema } from '../../tools/jsonschema.ts';
import { knock } from '../support/doors.ts';
import { putInForce } from '../support/histories.ts';
import { newWorld } from '../support/ports.ts';
import { aPurchase, defaultProgram, noon, runs } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({
  deps: async () => current.deps as Deps,
  programFreshMs: 0,
}));

const program = defaultProgram({
  grantLimit: 100,
  rewards: [{ id: 'cup', name: 'Cup', type: 'gift', points: 10, sku: 'CUP' }],
});

/** A text around what names the person, short enough for the shortest field. */
const around = fc.record({
  before: fc.constantFrom('', 'of ', 'called (', 'said: "', 'für <', '→ '),
  after: fc.constantFrom('', '.', ', again', ')', '">', ' !', '; see there'),
});

const person = { name: 'Zoë Quatremère', email: 'zoe.q@example.com', phone: '+33612345678' };

const inGroups = (mark: string) => ['06', '12', '34', '56', '78'].join(mark);
const card = (mark: string) => (number: string) => number.replace(/(\d{4})(?=\d)/g, `$1${mark}`);
const any = [
  (text: string) => text,
  (text: string) => text.toUpperCase(),
  (text: string) => text.normalize('NFD'),
];

/** How each is written, by who has it from the person themselves. */
const spellings = {
  name: any,
  email: [
    ...any,
    (text: string) => `<${text}>`,
    (text: string) => `“${text}”`,
    (text: string) => `mailto:${text}`,
    (text: string) => `${text}.`,
    (text: string) => text.replace('@', ' @ '),
    (text: string) => text.replace('@', '＠'),
    (text: string) => text.replace('@', '\u200B@'),
  ],
  phone: [
    (text: string) => text,
    ...[' ', '.', '-', '/', '\u00A0', ' – ', ''].map((mark) => () => inGroups(mark)),
    () => '(06) 12-34-56-78',
    () => '0033612345678',
    () => '00 33 6 12 34 56 78',
    () => '+33 (0)6 12 34 56 78',
    () => '+33 6 12 34 56 78',
    () => '33612345678',
    () => '612 345 678',
  ],
  cardNumber: [(text: string) => text, card(' '), card('-')],
};
type Secret = keyof typeof spellings;
const spelt = fc.constantFrom(
  ...(Object.keys(spellings) as Secret[]).flatMap((what) => spellings[what].map((_, at) => ({ what, at }))),
);

/** Free texts in bodies, as `route field`: what is no name of a thing, no number and no contact of its own. */
function freeTexts(): string[] {
  return (Object.entries(routes) as [RouteName, Route][]).flatMap(([name, { body }]) =>
    body ? textsIn(body).map((path) => `${name} ${path}`) : [],
  );
}

function textsIn(schema: z.ZodType): string[] {
  const { schema: root, named } = convert(schema, 'input');
  const walk = (one: JsonSchema, at: string): string[] => {
    const ref = one['$ref'] as string | undefined;
    if (ref) return walk(named[ref.split('/').at(-1) ?? ''] ?? {}, at);
    if (one['type'] === 'array') return walk((one['items'] ?? {}) as JsonSchema, `${at}[]`);
    const inner = Object.entries((one['properties'] ?? {}) as Record<string, JsonSchema>);
    if (inner.length > 0) return inner.flatMap(([key, value]) => walk(value, at ? `${at}.${key}` : key));
    const isFree =
      one['type'] === 'string' && !one['pattern'] && !one['format'] && !one['enum'] && !one['const'];
    return isFree ? [at] : [];
  };
  return walk(root, '');
}

/** Texts that are kept nowhere, or are the person's own and go with them. */
const elsewhere = new Set([
  'enrolMember name',
  'enrolMember referralCode',
  'changeMember name',
  'addToProfile name',
  'join name',
  'join referralCode',
  'createRedemption rewardId',
  'issueVoucher rewardId',
  'putChannel secrets[]',
  'putChannel apiToken',
  'reconcileChannel cursor',
  'planProgram invariants[]',
  'planProgram cursor',
  'planProgram parts[]',
  'verifyLedger cursor',
  // Told to the functions' log, and not to the ledger.
  'logFromDevice logs[]',
  'noteSamsungState callback',
  'googleCallback signature',
  'googleCallback signedMessage',
  'googleCallback protocolVersion',
  'googleCallback intermediateSigningKey.signedKey',
  'googleCallback intermediateSigningKey.signatures[]',
]);

/** Everything that an operator or a channel can write, with a text of its own each. */
async function write(text: (field: string) => string) {
  const world = newWorld({ now: noon });
  current.deps = { ...world.deps, redemptionsPaused: async () => false };
  const { ledger } = world;
  await putInForce(ledger, program);
  const by = { keyId: 'setup', name: 'setup' };
  const key = async (of: { role: 'ops' } | { role: 'channel'; channel: ChannelKind }) =>
    (await createKey(ledger, { name: 'first', ...of }, by, noon)).text;
  const [ops, store] = [await key({ role: 'ops' }), await key({ role: 'channel', channel: 'store' })];
  let drawn = 0;
  const ask = async (
    name: RouteName,
    as: string,
    sent: { params?: Record<string, string>; body?: unknown } = {},
  ) => {
    drawn++;
    const reply = await knock(name, { key: as, headers: { 'idempotency-key': `k${drawn}` }, ...sent });
    if (reply.status >= 400) throw new Error(`${name}: ${JSON.stringify(reply.body)}`);
    return reply.body;
  };
  const { memberId, cardNumber } = await ask('enrolMember', store, { body: person });
  const line = {
    id: '1',
    sku: text('sku'),
    name: text('name'),
    category: text('category'),
    brand: text('brand'),
  };
  const lines = [{ ...line, quantity: 1, amountMinor: 100_000 }];
  const sold = {
    ...aPurchase([100_000], { member: { memberId: memberId as MemberId } }),
    lines,
    store: text('store'),
  };
  await recordPurchase(ledger, program, sold, noon);
  // The same id again with other content, and somebody's who is not known: operators look at both.
  await recordPurchase(
    ledger,
    program,
    { ...sold, lines: [{ ...line, quantity: 2, amountMinor: 100_000 }] },
    noon,
  );
  await recordPurchase(ledger, program, aPurchase([5], { member: { email: 'nobody@example.com' } }), noon);

  await ask('putChannel', ops, {
    params: { channelId: 'till-2' },
    body: { kind: 'store', name: text('putChannel') },
  });
  await ask('createKey', ops, { body: { name: text('createKey'), role: 'channel', channel: 'web' } });
  const second = (await ask('createKey', ops, { body: { name: text('operator'), role: 'ops' } }))
    .key as string;
  const adjust = (points: number) =>
    ask('createAdjustment', ops, { body: { memberId, points, reason: text('createAdjustment') } });
  await adjust(5);
  await adjust(500);
  const [approved, rejected] = [await adjust(600), await adjust(700)];
  await ask('approveAdjustment', second, {
    params: { adjustmentId: approved.adjustmentId },
    body: { reason: text('approveAdjustment') },
  });
  await ask('rejectAdjustment', second, {
    params: { adjustmentId: rejected.adjustmentId },
    body: { reason: text('rejectAdjustment') },
  });
  for (const paused of [true, false])
    await ask('setRedemptionSwitch', ops, { body: { paused, reason: text('setRedemptionSwitch') } });
  await ask('liftContactHold', ops, { params: { memberId }, body: { reason: text('liftContactHold') } });
  const other = await ask('enrolMember', store, { body: { phone: '+33699999999' } });
  const from = other.memberId as string;
  await ask('mergeMember', ops, { params: { memberId }, body: { from, reason: text('mergeMember') } });
  await ask('unmergeMember', ops, { params: { memberId }, body: { from, reason: text('unmergeMember') } });
  const wanted = { member: { memberId }, rewardId: 'cup', reason: text('issueVoucher') };
  const { code } = await ask('issueVoucher', ops, { body: wanted });
  await ask('revokeVoucher', ops, { params: { code }, body: { reason: text('revokeVoucher') } });
  const { items } = await ask('listExceptions', ops);
  for (const { exceptionId } of items)
    await ask('dismissException', ops, {
      params: { exceptionId },
      body: { reason: text('dismissException') },
    });
  const redemption = await ask('createRedemption', store, {
    body: { member: { memberId }, rewardId: 'cup', mode: 'capture' },
  });
  return { ask, ops, store, memberId, cardNumber, sold, redemption };
}

type Written = Awaited<ReturnType<typeof write>>;

/** What every GET of the table answers an operator and a channel, each with all that its query may ask for. */
async function everything({ ops, store, memberId, sold, redemption }: Written): Promise<string> {
  const queries: Partial<Record<RouteName, Record<string, string>[]>> = {
    findMembers: [{ email: person.email }, { phone: person.phone }],
    listExceptions: ['open', 'resolved', 'dismissed'].map((status) => ({ status, limit: '100' })),
    listAdjustments: ['waiting', 'decided'].map((status) => ({ status })),
    listAudit: [{ limit: '100' }],
    listKeys: [{ limit: '100' }],
  };
  const { body: entries } = await knock('listEntries', { key: ops, params: { memberId } });
  const ids: Record<string, string> = {
    memberId,
    purchaseId: sold.id,
    refundId: sold.id,
    redemptionId: redemption.redemptionId,
    code: redemption.voucher.code,
    channelId: 'till-2',
  };
  const answers: string[] = [];
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    if (route.method !== 'GET' || !route.who.some((one) => one === 'ops' || one === 'channel')) continue;
    const named = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, one = '']) => one);
    const all = named.includes('entryId')
      ? entries.items.map(({ entryId }: { entryId: string }) => ({ entryId }))
      : [Object.fromEntries(named.map((one) => [one, ids[one] ?? '']))];
    for (const key of [ops, store])
      for (const params of all)
        for (const query of queries[name] ?? [{}]) {
          const { status, body } = await knock(name, { key, params, query });
          // Whoever asks for a contact gets it back in no answer, not even in a refusal.
          if (status !== 403) answers.push(`${name} ${JSON.stringify(body)}`);
        }
  }
  return answers.join('\n');
}

/** The fields that `write` writes into, as the enumeration names them. */
const written = [
  'liftContactHold reason',
  'mergeMember reason',
  'unmergeMember reason',
  'dismissException reason',
  'createAdjustment reason',
  'approveAdjustment reason',
  'rejectAdjustment reason',
  'setRedemptionSwitch reason',
  'putChannel name',
  'createKey name',
  'issueVoucher reason',
  'revokeVoucher reason',
  'eraseMember reason',
  ...['sku', 'name', 'category', 'brand'].map((field) => `recordPurchase lines[].${field}`),
  'recordPurchase store',
];

describe('free texts', () => {
  it('are all known: each is written into below, or kept nowhere', () => {
    // A quote and a return without receipt have the lines of a purchase, and a refund's are kept by their skus.
    const same = (one: string) => !/^(quotePurchase|recordRefund|recordPurchases) /.test(one);
    const unknown = freeTexts().filter((one) => same(one) && !elsewhere.has(one) && !written.includes(one));
    expect(unknown).toEqual([]);
  });

  it('hold nothing of a member any more who has been erased, however it was written there', async () => {
    await fc.assert(
      fc.asyncProperty(around, spelt, async (round, { what, at }) => {
        const spell = spellings[what][at] ?? String;
        let planted = '';
        const text = () => `${round.before}${planted}${round.after}`;
        planted = what === 'cardNumber' ? 'to be known' : spell(person[what]);
        const found = await write(text);
        if (what === 'cardNumber') {
          planted = spell(found.cardNumber);
          const body = { memberId: found.memberId, points: 1, reason: text() };
          await found.ask('createAdjustment', found.ops, { body });
        }
        const normal = (one: string) => one.normalize('NFC').toLowerCase();
        const secret = normal(planted);
        expect(normal(await everything(found))).toContain(secret);
        await found.ask('eraseMember', found.ops, {
          params: { memberId: found.memberId },
          body: { reason: text() },
        });
        const after = normal(await everything(found));
        const lines = after.split('\n').filter((one) => one.includes(secret));
        expect(lines).toEqual([]);
        expect(after).toContain('[erased]');
      }),
      runs(30),
    );
  });
});
