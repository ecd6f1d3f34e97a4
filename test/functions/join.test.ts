/**
 * Who joins by the public page: has a card whether known or not, spends once a contact is theirs beyond doubt, and gets
 * no more messages than anybody should. By the functions' own handlers over the engine in memory.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { defaultSecurity } from '../../core/security.ts';
import type { Deps } from '../../functions/deps.ts';
import { handler as messages } from '../../functions/events/messages.ts';
import { walkOn } from '../../functions/events/walks.ts';
import { handler } from '../../functions/http/join.ts';
import { sourceOf } from '../../functions/kit/source.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  cardToken,
  changeProfile,
  type DuePlace,
  enrol,
  eraseMember,
  findByLookup,
  getAccount,
  getMember,
  getPurchase,
  getReferral,
  recordPurchase,
  referralCode,
  resolveMember,
  settleReferral,
  takeTurnOf,
} from '../../ledger/ledger.ts';
import { putInForce } from '../support/histories.ts';
import { httpEvent } from '../support/outside.ts';
import { newWorld, type World } from '../support/ports.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

const minute = 60_000;
const day = 86_400_000;
const program = defaultProgram();
const clock = { now: noon };
let world: World;
let sent: { to: string; text: string }[];
let queue: string[];

beforeEach(async () => {
  clock.now = noon;
  world = newWorld(clock);
  sent = [];
  queue = [];
  current.deps = {
    ...world.deps,
    send: async (_queue: string, body: string) => void queue.push(body),
    messages: async () => ({
      email: async (to: string, { text }: { text: string }) => void sent.push({ to, text }),
      sms: async (to: string, text: string) => void sent.push({ to, text }),
    }),
  };
  await putInForce(world.ledger, program);
});

async function call(route: string, body: unknown, cardToken?: string, from = '198.51.100.7') {
  const headers = { 'x-forwarded-for': `${from}, 192.0.2.1` };
  const params = cardToken === undefined ? {} : { cardToken };
  const event = httpEvent(route, { headers, params, body, key: '' });
  const answer = (await handler(event as never, {} as never)) as {
    statusCode: number;
    headers: Record<string, string>;
    body: string;
  };
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) };
}

const tokenIn = (cardUrl: string) => cardUrl.split('/').at(-1) ?? '';

async function join(body: object, from?: string) {
  const answer = await call('POST /v1/join', body, undefined, from);
  expect(answer.status).toBe(202);
  const token = tokenIn(answer.body.cardUrl);
  const memberId = (await findByLookup(world.ledger, 'cardToken', token)) as MemberId;
  return { token, memberId, answer };
}

/** Has the messages sent that were asked for, each event as often as it is said to come. */
async function deliver(times = 1) {
  const asked = world.events.splice(0).filter(({ name }) => name === 'CardLinkRequested');
  for (const { source, name, detail } of asked)
    for (let time = 0; time < times; time++) {
      const body = JSON.stringify({ id: 'e', source, 'detail-type': name, detail });
      const record = { messageId: 'm', body, attributes: { ApproximateReceiveCount: '1' } };
      await messages({ Records: [record] } as never, { getRemainingTimeInMillis: () => 60_000 } as never);
    }
}

/** Takes the steps that are on the queue. */
async function follow() {
  const given = { ...(current.deps as Deps), count: () => {} };
  while (queue.length > 0) await walkOn(queue.shift() ?? '', given as never, () => true);
}

async function goOn(places: readonly DuePlace[]) {
  for (const position of places) queue.push(JSON.stringify({ walk: 'due', position }));
  await follow();
}

const codeIn = (text: string) => /#confirm=([\w-]+)/.exec(text)?.[1] ?? '';

async function confirm(token: string, code: string, keepsCard = true) {
  const answer = await call('POST /v1/cards/{cardToken}/confirm', { code, keepsCard }, token);
  await follow();
  return answer;
}

async function vouched(wanted: Parameters<typeof enrol>[2]): Promise<MemberId> {
  const outcome = await enrol(world.ledger, program, wanted, clock.now);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  await goOn(outcome.due.filter(({ only }) => only.endsWith('#TAKEN')));
  return outcome.member.account.memberId;
}

describe('joining', () => {
  it('answers the same whether or not the person was known, with a card of their own', async () => {
    await vouched({ email: 'known@example.com' });
    const known = await join({ email: 'known@example.com' });
    const stranger = await join({ email: 'stranger@example.com' });
    expect(Object.keys(known.answer.body)).toEqual(Object.keys(stranger.answer.body));
    expect(known.token).not.toBe(stranger.token);
    const balances = [known, stranger].map(async ({ memberId }) => {
      const account = await getAccount(world.ledger, memberId);
      return account && balanceOf(account);
    });
    expect((await Promise.all(balances))[0]).toEqual((await Promise.all(balances))[1]);
    await deliver();
    expect(sent.map(({ to }) => to)).toEqual(['known@example.com', 'stranger@example.com']);
  });

  it('takes nothing from who is known: what is bought by the contact stays theirs', async () => {
    const owner = await vouched({ email: 'known@example.com' });
    await join({ email: 'known@example.com', phone: '+33612345678' });
    expect(await resolveMember(world.ledger, { email: 'known@example.com' })).toBe(owner);
    // The second of two contacts is nobody's until it is added on the card.
    expect(await resolveMember(world.ledger, { phone: '+33612345678' })).toBeUndefined();
  });

  it('says nothing of a referral code, right or wrong, to who has proved nothing', async () => {
    const friend = await vouched({ email: 'friend@example.com' });
    const codes = [referralCode(world.ledger, friend), 'AAAAAAAA', '2900000000001', undefined];
    const answers = [];
    for (const [index, code] of codes.entries())
      answers.push((await join({ email: `n${index}@example.com`, referralCode: code })).answer);
    expect(new Set(answers.map(({ status, body }) => `${status} ${Object.keys(body)}`)).size).toBe(1);
    for (const answer of answers) {
      const memberId = (await findByLookup(
        world.ledger,
        'cardToken',
        tokenIn(answer.body.cardUrl),
      )) as MemberId;
      expect(await getReferral(world.ledger, memberId)).toBeUndefined();
    }
  });

  it('is limited for each address of the network, and says truly when to come again', async () => {
    const max = defaultSecurity.joinsPerAddress;
    for (let time = 0; time < max; time++) {
      await join({ email: `a${time}@example.com` });
      clock.now += 1000;
    }
    const tooMany = () => call('POST /v1/join', { email: 'more@example.com' });
    const refused = await tooMany();
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_requests']);
    const seconds = Number(refused.headers['retry-after']);
    expect(await resolveMember(world.ledger, { email: 'more@example.com' })).toBeUndefined();
    await join({ email: 'elsewhere@example.com' }, '198.51.100.8');
    clock.now += (seconds - 1) * 1000;
    expect((await tooMany()).status).toBe(429);
    clock.now += 1000;
    expect((await tooMany()).status).toBe(202);
  });

  it('ends after thirty days where nobody came, of who was known as of who was not, and takes nothing along', async () => {
    const owner = await vouched({ email: 'known@example.com' });
    const cards = [await join({ email: 'known@example.com' }), await join({ email: 'stranger@example.com' })];
    const buyer = await join({ email: 'buyer@example.com' });
    await recordPurchase(
      world.ledger,
      program,
      aPurchase([5000], { member: { memberId: buyer.memberId } }),
      noon,
    );
    clock.now = noon + 30 * day;
    const keyed = world.items().filter(({ item, sk }) => item === 'due' && sk.endsWith('#JOIN'));
    for (const { pk, sk } of keyed)
      queue.push(JSON.stringify({ walk: 'due', position: { pk, day: '2026-12-22', only: sk } }));
    expect(keyed).toHaveLength(3);
    await follow();
    for (const { memberId } of cards)
      expect((await getAccount(world.ledger, memberId))?.status).toBe('closed');
    expect((await getAccount(world.ledger, buyer.memberId))?.status).toBe('active');
    expect(await resolveMember(world.ledger, { email: 'known@example.com' })).toBe(owner);
    expect(await resolveMember(world.ledger, { email: 'stranger@example.com' })).toBeUndefined();
    // Nobody has left whose contact it was.
    expect(
      world.items().filter(({ item, pk }) => item === 'erasedContact' && pk.includes('example')),
    ).toEqual([]);
  });
});

describe('the link to a card', () => {
  it('goes to a contact once in a quarter of an hour and five times a day, whoever asks', async () => {
    const { token } = await join({ email: 'zoe@example.com' });
    const ask = () => call('POST /v1/cards/{cardToken}/link', {}, token);
    const times: number[] = [];
    for (let at = 0; at <= 26 * 60; at += 5) {
      clock.now = noon + at * minute;
      expect((await ask()).status).toBe(202);
      const before = sent.length;
      await deliver();
      if (sent.length > before) times.push(at);
    }
    expect(times.slice(0, 5)).toEqual([0, 15, 30, 45, 60]);
    expect(times.slice(5)).toEqual([1440, 1455, 1470, 1485, 1500]);
  });

  it('is taken once by many at one moment', async () => {
    const limits = [{ max: 2, windowMs: minute }];
    const takes = Array.from({ length: 40 }, () => takeTurnOf(world.ledger, 'link', 'h', limits, noon));
    const free = (await Promise.all(takes)).filter((until) => until === undefined);
    expect(free).toHaveLength(2);
  });

  it('is the same when its event comes again', async () => {
    await join({ email: 'zoe@example.com' });
    await deliver(2);
    expect(new Set(sent.map(({ text }) => text)).size).toBe(1);
  });

  it('confirms the contact, and nothing else does', async () => {
    const { token, memberId } = await join({ email: 'zoe@example.com' });
    const other = await join({ email: 'eve@example.com' });
    await deliver();
    const [code, othersCode] = sent.map(({ text }) => codeIn(text));
    const wrong = [othersCode ?? '', 'A'.repeat(32)];
    for (const one of wrong)
      expect((await confirm(token, one)).body).toMatchObject({ status: 409, code: 'link_expired' });
    expect((await confirm(other.token, code ?? '')).status).toBe(409);
    for (let time = 0; time < 2; time++)
      expect((await confirm(token, code ?? '')).body).toMatchObject({
        status: 'confirmed',
        contact: 'email',
      });
    const profile = (await getMember(world.ledger, memberId))?.profile;
    expect(profile?.proofs?.email).toMatchObject({ status: 'confirmed', held: true });
  });

  const newContact = (memberId: MemberId) =>
    changeProfile(world.ledger, program, memberId, { email: 'zoe@work.example.com' }, clock.now);
  const leave = (memberId: MemberId) => {
    const by = { memberId, operator: { keyId: 'key_test', name: 'Tess' }, reason: null };
    return eraseMember(world.ledger, createMemoryErasureList(), program, by, clock.now, () => true);
  };
  const itsOwnCard = (memberId: MemberId, code: string) =>
    confirm(cardToken(world.ledger, memberId), code, false);

  it.each([
    ['another contact was put in its place', newContact],
    ['another link has led it to a card of its own', itsOwnCard],
    ['the card has ended', leave],
  ])('that is still good says so where %s', async (_when, change) => {
    const memberId = await vouched({ phone: '+33612345678' });
    const token = cardToken(world.ledger, memberId);
    const added = await call('PATCH /v1/cards/{cardToken}/profile', { email: 'zoe@example.com' }, token);
    expect(added.status).toBe(200);
    await deliver();
    clock.now += 20 * 60_000;
    expect((await call('POST /v1/cards/{cardToken}/link', { contact: 'email' }, token)).status).toBe(202);
    await deliver();
    const [first = '', second = ''] = sent.map(({ text }) => codeIn(text));
    await change(memberId, first);
    for (const keepsCard of [true, false])
      expect((await confirm(token, second, keepsCard)).body).toMatchObject({
        status: 409,
        code: 'contact_moved',
      });
  });

  it('ends after three days', async () => {
    const { token } = await join({ email: 'zoe@example.com' });
    await deliver();
    clock.now = noon + 3 * day;
    expect((await confirm(token, codeIn(sent[0]?.text ?? ''))).status).toBe(409);
  });

  it('is kept as its hash alone', async () => {
    await join({ email: 'zoe@example.com' });
    await deliver();
    expect(JSON.stringify(world.items())).not.toContain(codeIn(sent[0]?.text ?? '-'));
  });
});

describe('who has proved a contact', () => {
  it('gets what was bought by it before, once, as of when it was bought', async () => {
    const guest = aPurchase([5000], { member: { email: 'ZOE@example.com' } });
    const old = aPurchase([5000], {
      member: { email: 'zoe@example.com' },
      occurredAt: '2026-08-01T10:00:00Z',
    });
    const others = aPurchase([5000], { member: { email: 'eve@example.com' } });
    for (const one of [guest, old, others]) await recordPurchase(world.ledger, program, one, noon);
    const { token, memberId } = await join({ email: 'zoe@example.com' });
    await deliver();
    await follow();
    expect((await getPurchase(world.ledger, guest.id))?.memberId).toBeNull();
    for (let time = 0; time < 2; time++) await confirm(token, codeIn(sent[0]?.text ?? ''));
    const owners = [guest, old, others].map(
      async ({ id }) => (await getPurchase(world.ledger, id))?.memberId,
    );
    expect(await Promise.all(owners)).toEqual([memberId, null, null]);
    const account = await getAccount(world.ledger, memberId);
    expect(account && balanceOf(account).available).toBe(100);
  });

  it('gets it in as many steps as it takes', async () => {
    for (let index = 0; index < 45; index++)
      await recordPurchase(
        world.ledger,
        program,
        aPurchase([100], { member: { phone: '+33612345678' } }),
        noon,
      );
    const { token, memberId } = await join({ phone: '+33612345678' });
    await deliver();
    await confirm(token, codeIn(sent[0]?.text ?? ''));
    const account = await getAccount(world.ledger, memberId);
    expect(account && balanceOf(account).available).toBe(50 + 45);
    expect(world.items().filter(({ sk }) => sk.endsWith('#PROOF'))).toEqual([]);
  });

  it('is told that the referral code is nobody’s; one that is somebody’s counts from then on', async () => {
    const friend = await vouched({ email: 'friend@example.com' });
    const codes = { 'a@example.com': 'AAAAAAAA', 'b@example.com': referralCode(world.ledger, friend) };
    const told = [];
    for (const [email, code] of Object.entries(codes)) {
      const { token, memberId } = await join({ email, referralCode: code });
      await deliver();
      const { body } = await confirm(token, codeIn(sent.at(-1)?.text ?? ''));
      told.push([body.referral, (await getReferral(world.ledger, memberId))?.status]);
    }
    expect(told).toEqual([
      ['unknown', undefined],
      [undefined, 'waiting'],
    ]);
  });

  it('has whom they brought paid, where that waited for it', async () => {
    const { token, memberId } = await join({ email: 'ada@example.com' });
    await deliver();
    const newcomer = await vouched({
      email: 'new@example.com',
      referralCode: referralCode(world.ledger, memberId),
    });
    await recordPurchase(
      world.ledger,
      program,
      aPurchase([2500], { member: { memberId: newcomer } }),
      clock.now,
    );
    await settleReferral(world.ledger, program, newcomer, clock.now);
    expect((await getReferral(world.ledger, newcomer))?.status).toBe('waiting');
    await confirm(token, codeIn(sent[0]?.text ?? ''));
    expect((await getReferral(world.ledger, newcomer))?.status).toBe('paid');
  });
});

it('tells ten wrong referral codes that come from one address, and then says nothing of any', async () => {
  const friend = await vouched({ email: 'friend@example.com' });
  const guess = async (email: string, code: string) => {
    const { token } = await join({ email, referralCode: code });
    await deliver();
    return (await confirm(token, codeIn(sent.at(-1)?.text ?? ''))).body.referral;
  };
  const told = [];
  for (let index = 0; index < 12; index++) told.push(await guess(`g${index}@example.com`, `AAAAAAA${index}`));
  expect(told).toEqual([...Array(10).fill('unknown'), undefined, undefined]);
  expect(await guess('right@example.com', referralCode(world.ledger, friend))).toBeUndefined();
});

describe('whoever proves a contact that is a member’s', () => {
  const available = async (memberId: MemberId) => {
    const account = await getAccount(world.ledger, memberId);
    return account && balanceOf(account).available;
  };

  it('is that member, and got for joining what is given once', async () => {
    const owner = await vouched({ email: 'zoe@example.com' });
    const { token, memberId } = await join({ email: 'zoe@example.com' });
    const bought = aPurchase([5000], { member: { memberId } });
    await recordPurchase(world.ledger, program, bought, noon);
    await deliver();
    const code = codeIn(sent[0]?.text ?? '');
    for (let time = 0; time < 2; time++) {
      const { body } = await confirm(token, code);
      expect(tokenIn(body.cardUrl)).toBe(cardToken(world.ledger, owner));
    }
    expect(await available(owner)).toBe(50 + 50);
    expect(await resolveMember(world.ledger, { email: 'zoe@example.com' })).toBe(owner);
    expect((await getMember(world.ledger, owner))?.profile.proofs?.email?.status).toBe('confirmed');
  });

  it('gets what somebody without proof has gathered by it, whose links lead nowhere any more', async () => {
    const squatter = await join({ email: 'zoe@example.com' });
    const bought = aPurchase([5000], { member: { email: 'zoe@example.com' } });
    await recordPurchase(world.ledger, program, bought, noon);
    expect(await available(squatter.memberId)).toBe(100);
    await deliver();
    clock.now += 15 * minute;
    const owner = await join({ email: 'zoe@example.com' });
    await deliver();
    await confirm(owner.token, codeIn(sent.at(-1)?.text ?? ''));
    expect(await available(owner.memberId)).toBe(100);
    expect(await resolveMember(world.ledger, { email: 'zoe@example.com' })).toBe(owner.memberId);
    expect(await findByLookup(world.ledger, 'cardToken', squatter.token)).toBeUndefined();
    // The link that went to the same mailbox for the other card opens nothing of it.
    const late = await confirm(squatter.token, codeIn(sent[0]?.text ?? ''));
    expect(late.status === 409 || tokenIn(late.body.cardUrl) === owner.token).toBe(true);
  });
});

describe('a card that somebody else made', () => {
  const available = async (memberId: MemberId) => {
    const account = await getAccount(world.ledger, memberId);
    return account && balanceOf(account).available;
  };
  const ofToken = async (token: string) => (await findByLookup(world.ledger, 'cardToken', token)) as MemberId;
  const buy = (amount: number, member: object) =>
    recordPurchase(world.ledger, program, aPurchase([amount], { member }), noon);

  it('is nobody’s who proves the contact: they have one of their own, with all that was gathered', async () => {
    const thief = await join({ email: 'zoe@example.com', name: 'Eve', consents: { email: true } });
    await buy(5000, { email: 'zoe@example.com' });
    await deliver();
    const code = codeIn(sent[0]?.text ?? '');
    // Where nobody says whose it is, it may be anybody's.
    const unsaid = await call('POST /v1/cards/{cardToken}/confirm', { code }, thief.token);
    await follow();
    const answers = [unsaid, await confirm(thief.token, code, false)];
    const [own, again] = answers.map(({ body }) => tokenIn(body.cardUrl));
    expect(again).toBe(own);
    expect(own).not.toBe(thief.token);
    const owner = await ofToken(own ?? '');
    expect(await resolveMember(world.ledger, { email: 'zoe@example.com' })).toBe(owner);
    expect(await ofToken(thief.token)).toBeUndefined();
    expect(await available(owner)).toBe(50 + 50);
    const profile = (await getMember(world.ledger, owner))?.profile;
    expect(profile).toMatchObject({ name: null, consents: {}, proofs: { email: { status: 'confirmed' } } });
  });

  it('leaves who is a member already as they were, and no longer names the contact', async () => {
    const owner = await vouched({ email: 'zoe@example.com' });
    const thief = await join({ email: 'zoe@example.com' });
    await deliver();
    const { body } = await confirm(thief.token, codeIn(sent[0]?.text ?? ''), false);
    expect(tokenIn(body.cardUrl)).toBe(cardToken(world.ledger, owner));
    expect(await ofToken(thief.token)).toBe(thief.memberId);
    const { account, profile } = (await getMember(world.ledger, thief.memberId)) ?? {};
    expect([account?.memberId, profile?.email]).toEqual([thief.memberId, null]);
    expect(await available(owner)).toBe(50);
  });

  it('loses the contact that was added to it, and keeps what was bought with it', async () => {
    const thief = await vouched({ phone: '+33612345678' });
    const token = cardToken(world.ledger, thief);
    await buy(7000, { memberId: thief });
    await call('PATCH /v1/cards/{cardToken}/profile', { email: 'zoe@example.com' }, token);
    await deliver();
    const { body } = await confirm(token, codeIn(sent.at(-1)?.text ?? ''), false);
    const owner = await ofToken(tokenIn(body.cardUrl));
    expect(owner).not.toBe(thief);
    expect(await resolveMember(world.ledger, { email: 'zoe@example.com' })).toBe(owner);
    expect((await getMember(world.ledger, thief))?.profile).toMatchObject({
      email: null,
      phone: '+33612345678',
    });
    expect([await available(thief), await available(owner)]).toEqual([120, 50]);
  });

  it('gives up what was gathered by the contact, also where another contact on it was proved', async () => {
    const thief = await join({ email: 'zoe@example.com' });
    await buy(5000, { email: 'zoe@example.com' });
    await call('PATCH /v1/cards/{cardToken}/profile', { phone: '+33612345678' }, thief.token);
    await deliver();
    await confirm(thief.token, codeIn(sent.at(-1)?.text ?? ''));
    await confirm(thief.token, codeIn(sent[0]?.text ?? ''), false);
    const owner = (await resolveMember(world.ledger, { email: 'zoe@example.com' })) as MemberId;
    expect([owner === thief.memberId, await available(owner)]).toEqual([false, 100]);
    expect((await getMember(world.ledger, owner))?.profile.phone).toBeNull();
    expect(await resolveMember(world.ledger, { phone: '+33612345678' })).toBeUndefined();
  });

  it('uses up no link: the last of a day that came for anybody’s card is good for one of their own', async () => {
    for (let time = 0; time < 6; time++) {
      await join({ email: `zoe+${time}@gmail.com` });
      await deliver();
      clock.now += 15 * minute;
    }
    expect(sent).toHaveLength(5);
    const late = sent.at(-1)?.text ?? '';
    const token = /card\/([\w-]+)#/.exec(late)?.[1] ?? '';
    expect((await confirm(token, codeIn(late), false)).body.status).toBe('confirmed');
  });

  it('gives way to who is enrolled by whoever sells, with all that was gathered', async () => {
    const thief = await join({ email: 'zoe@example.com' });
    await buy(5000, { email: 'zoe@example.com' });
    const owner = await vouched({ email: 'zoe@example.com', phone: '+33612345678' });
    await follow();
    expect(await resolveMember(world.ledger, { email: 'zoe@example.com' })).toBe(owner);
    expect(await ofToken(thief.token)).toBeUndefined();
    expect(await available(owner)).toBe(100);
    // Who is known is not taken from.
    const second = await enrol(world.ledger, program, { email: 'zoe@example.com' }, clock.now);
    expect(second).toMatchObject({ type: 'exists', field: 'email', memberId: owner });
  });

  it('gives way to the member to whom whoever sells gives the contact', async () => {
    const thief = await join({ email: 'zoe@example.com' });
    await buy(5000, { email: 'zoe@example.com' });
    const owner = await vouched({ phone: '+33612345678' });
    const changed = await changeProfile(
      world.ledger,
      program,
      owner,
      { email: 'zoe@example.com' },
      clock.now,
    );
    if (changed.type !== 'changed') throw new Error(changed.type);
    await goOn(changed.due);
    expect(await resolveMember(world.ledger, { email: 'zoe@example.com' })).toBe(owner);
    expect(await ofToken(thief.token)).toBeUndefined();
    expect(await available(owner)).toBe(100);
  });

  it('is vouched for by nobody who only finds it by the contact', async () => {
    const { memberId } = await join({ email: 'zoe@example.com' });
    const wanted = { email: 'zoe@example.com', name: 'Zoë' };
    await changeProfile(world.ledger, program, memberId, wanted, clock.now);
    const { profile } = (await getMember(world.ledger, memberId)) ?? {};
    expect(profile).toMatchObject({ name: 'Zoë', proofs: { email: { status: 'unconfirmed' } } });
  });

  it('is followed by the night where that did not come to it', async () => {
    const thief = await join({ email: 'zoe@example.com' });
    await enrol(world.ledger, program, { email: 'zoe@example.com' }, clock.now);
    const owner = (await resolveMember(world.ledger, { email: 'zoe@example.com' })) as MemberId;
    expect(await ofToken(thief.token)).toBe(thief.memberId);
    const listed = world.items().filter(({ sk }) => sk.endsWith('#TAKEN'));
    await goOn(listed.map(({ pk, sk }) => ({ pk, day: '2026-11-22', only: sk })));
    expect(await available(owner)).toBe(50);
    expect(world.items().filter(({ sk }) => sk.endsWith('#TAKEN'))).toEqual([]);
    expect(listed).toHaveLength(1);
    expect(await ofToken(thief.token)).toBeUndefined();
  });
});

describe('somebody else’s address beside one’s own number', () => {
  it('is the address alone: the number proves nothing, and what is bought by the address is its owner’s', async () => {
    const thief = await join({ email: 'zoe@example.com', phone: '+33612345678' });
    await deliver();
    expect(sent.map(({ to }) => to)).toEqual(['zoe@example.com']);
    expect((await getMember(world.ledger, thief.memberId))?.profile.phone).toBeNull();
    await recordPurchase(
      world.ledger,
      program,
      aPurchase([20_000], { member: { email: 'zoe@example.com' } }),
      noon,
    );
    const owner = await join({ email: 'zoe@example.com' });
    clock.now += 15 * minute;
    await call('POST /v1/cards/{cardToken}/link', {}, owner.token);
    await deliver();
    await confirm(owner.token, codeIn(sent.at(-1)?.text ?? ''));
    expect(await resolveMember(world.ledger, { email: 'zoe@example.com' })).toBe(owner.memberId);
    const account = await getAccount(world.ledger, owner.memberId);
    expect(account && balanceOf(account).available).toBe(250);
    expect(await findByLookup(world.ledger, 'cardToken', thief.token)).toBeUndefined();
  });
});

describe('the bearer of a card', () => {
  const add = (token: string, body: object) => call('PATCH /v1/cards/{cardToken}/profile', body, token);

  it('adds what is missing and gets the bonus, and neither changes nor learns what is there', async () => {
    const { token, memberId } = await join({ email: 'zoe@example.com' });
    expect((await add(token, { name: 'Zoë' })).body).toEqual({ missing: ['birthday', 'phone', 'consents'] });
    expect((await add(token, { birthday: '1990-05-01' })).status).toBe(200);
    expect((await add(token, { consents: { email: true } })).body).toEqual({ missing: ['phone'] });
    const account = await getAccount(world.ledger, memberId);
    expect(account && balanceOf(account).available).toBe(50 + 50);
    for (const body of [
      { name: 'Eve' },
      { birthday: '1990-05-01' },
      { birthday: '1991-05-01' },
      { email: 'zoe@example.com' },
    ])
      expect((await add(token, body)).body).toMatchObject({ status: 409, code: 'already_given' });
    for (const body of [
      {},
      { birthday: '2030-01-01' },
      { birthday: '1899-01-01' },
      { consents: { email: false } },
      { locale: 'fr' },
    ])
      expect((await add(token, body)).status).toBe(400);
    expect((await getMember(world.ledger, memberId))?.profile).toMatchObject({
      name: 'Zoë',
      birthday: '1990-05-01',
    });
  });

  it('adds a contact that leads nowhere until its link was used', async () => {
    const { token, memberId } = await join({ email: 'zoe@example.com' });
    await deliver();
    expect((await add(token, { phone: '+33 6 12 34 56 78' })).status).toBe(200);
    expect(await resolveMember(world.ledger, { phone: '+33612345678' })).toBeUndefined();
    await deliver();
    expect(sent.at(-1)?.to).toBe('+33612345678');
    await confirm(token, codeIn(sent.at(-1)?.text ?? ''));
    expect(await resolveMember(world.ledger, { phone: '+33612345678' })).toBe(memberId);
  });
});

describe('the address on the network', () => {
  const from = (forwarded: string | undefined, sourceIp = '192.0.2.1') =>
    sourceOf({ headers: { 'x-forwarded-for': forwarded }, requestContext: { http: { sourceIp } } });

  it.each([
    ['198.51.100.7, 192.0.2.1', '198.51.100.7'],
    ['6.6.6.6, 198.51.100.7, 192.0.2.1', '198.51.100.7'],
    ['192.0.2.1', '192.0.2.1'],
    [undefined, '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6, 192.0.2.1', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9, 192.0.2.1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9, 192.0.2.1', '2001:db8:1:2::/64'],
    ['::ffff:198.51.100.7, 192.0.2.1', '198.51.100.7'],
    ['::1, 192.0.2.1', '0:0:0:0::/64'],
  ])('of %j is %s', (forwarded, source) => expect(from(forwarded)).toBe(source));
});

describe('who is known already', () => {
  it('has one card once they prove it: what they gathered meanwhile is theirs, what is given once is given once', async () => {
    const owner = await vouched({ email: 'known@example.com' });
    const { token, memberId } = await join({ email: 'known@example.com' });
    const bought = aPurchase([2000], { member: { memberId } });
    await recordPurchase(world.ledger, program, bought, noon);
    await deliver();
    const answer = await confirm(token, codeIn(sent[0]?.text ?? ''));
    expect(answer.body).toMatchObject({ status: 'confirmed', contact: 'email' });
    const account = await getAccount(world.ledger, owner);
    expect(account && balanceOf(account).available).toBe(50 + 20);
    expect((await getMember(world.ledger, memberId))?.account.memberId).toBe(owner);
    expect(await findByLookup(world.ledger, 'cardToken', token)).toBe(memberId);
  });

  it.each(['known@example.com', 'new@example.com'])(
    'answers %s after a quarter of a second',
    async (email) => {
      await vouched({ email: 'known@example.com' });
      let passed = 0;
      const sleep = async (milliseconds: number) => {
        passed += milliseconds;
      };
      current.deps = { ...(current.deps as Deps), monotonic: () => passed, sleep };
      await join({ email });
      expect(passed).toBe(250);
    },
  );
});
