/**
 * The consumers that tell somebody outside, over the servers that stand in for them: every call of theirs broken in
 * every way, those to the outside too, and the event delivered again, to the same instance and to a new one. What
 * the outside shows in the end is what it shows after one delivery without a fault; it may be told once more than
 * that where an answer was lost on its way back, and never less.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { connect as connectMessages } from '../../functions/clients/messages.ts';
import type { Deps } from '../../functions/deps.ts';
import { toEvents } from '../../functions/kit/ledger-events.ts';
import {
  cardToken,
  changedPasses,
  enrol,
  eraseMember,
  getAccount,
  getGooglePass,
  getMember,
  getSamsungPass,
  listEntries,
  noteGoogleState,
  noteSamsungState,
  offerSamsung,
  recordPurchase,
  registerDevice,
  registrationsOf,
} from '../../ledger/ledger.ts';
import type { Item } from '../../ledger/store/store.ts';
import { type PushService, startPushService } from '../../local/standins/apns.ts';
import { PASS_TYPE_IDENTIFIER, TEAM_IDENTIFIER } from '../../local/standins/certificates.ts';
import { type GoogleWallet, startGoogle } from '../../local/standins/google.ts';
import { json, type RunningServer, serveHttp } from '../../local/standins/http.ts';
import { issueCertificates } from '../../local/standins/issue.ts';
import { startMessages } from '../../local/standins/messages.ts';
import { type Store as Outside, openStore } from '../../local/standins/store.ts';
import type { PusherOptions } from '../../passes/apple/push.ts';
import { secret as samsungSecret } from '../passes/samsung/partner.ts';
import { putInForce } from '../support/histories.ts';
import { type Armed, faults, invoke, newWorld, stateOf, type World } from '../support/ports.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown, world: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));
const through = <T>(name: string, act: () => Promise<T>) => (current.world as World).through(name, act);
vi.mock('../../passes/apple/push.ts', async (original) => {
  const { createPusher, ...rest } = await original<typeof import('../../passes/apple/push.ts')>();
  return {
    ...rest,
    createPusher: (options: PusherOptions) => {
      const pusher = createPusher(options);
      return { ...pusher, push: (token: string) => through('push', () => pusher.push(token)) };
    },
  };
});

// The outside -------------------------------------------------------------------------------------------------------

interface Standing {
  readonly outside: Outside;
  readonly apns: PushService;
  readonly google: GoogleWallet;
  readonly messages: RunningServer;
  readonly samsung: RunningServer;
  /** Cards whose updates Samsung was told of. */
  readonly toldSamsung: string[];
  readonly secrets: Readonly<Record<string, object>>;
}

let standing: Standing;
const folder = mkdtempSync(join(tmpdir(), 'philia-test-'));

async function start(): Promise<Standing> {
  const certificates = await issueCertificates();
  const outside = forGood(openStore(folder));
  const clock = () => noon;
  const toldSamsung: string[] = [];
  const [apns, google, messages, samsung] = await Promise.all([
    startPushService({ certificates, store: outside, clock, port: 0 }),
    startGoogle({ store: outside, serviceAccountKey: certificates.serviceAccountKey, clock, port: 0 }),
    startMessages({ store: outside, clock, port: 0 }),
    serveHttp(0, ({ body }) => {
      toldSamsung.push(...JSON.parse(body).card.data.map(({ refId }: { refId: string }) => refId));
      return json(200, {});
    }),
  ]);
  const { passCertificate: certificate, passKey: privateKey, wwdr, root: pushCa } = certificates;
  const ids = { passTypeIdentifier: PASS_TYPE_IDENTIFIER, teamIdentifier: TEAM_IDENTIFIER };
  const { serviceAccount, walletUrl } = google;
  const { issuerId } = serviceAccount;
  const secrets = {
    apple: { ...ids, certificate, privateKey, wwdr, pushUrl: apns.url, pushCa },
    google: { issuerId, serviceAccount, walletUrl },
    samsung: { ...samsungSecret, apiUrl: samsung.url },
  };
  return { outside, apns, google, messages, samsung, toldSamsung, secrets };
}

/** What Apple is made to answer of a phone it answers for good, as it does of one that is gone. */
function forGood(store: Outside): Outside {
  return { ...store, remove: (kind, key) => kind === 'scriptedAnswers' || store.remove(kind, key) };
}

/** Calls of a client of AWS's go through the world's ports, and then to the stand-in. */
function watch(client: typeof SESv2Client | typeof SNSClient, name: string): void {
  const { send } = client.prototype as { send: (...sent: unknown[]) => Promise<unknown> };
  const spy = vi.spyOn(client.prototype as { send: (...sent: unknown[]) => Promise<unknown> }, 'send');
  spy.mockImplementation(function (this: unknown, ...sent: unknown[]) {
    return through(name, () => send.apply(this, sent));
  });
}

beforeAll(async () => {
  standing = await start();
  const { url } = standing.messages;
  for (const [name, value] of Object.entries({
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_SESV2: url,
    AWS_ENDPOINT_URL_SNS: url,
  }))
    vi.stubEnv(name, value);
  watch(SESv2Client, 'e-mail');
  watch(SNSClient, 'SMS');
  const send = globalThis.fetch;
  vi.stubGlobal('fetch', (input: string | URL, init?: RequestInit) =>
    through(`${init?.method ?? 'GET'} ${new URL(input).pathname.replace(/mem_\w+/, '…')}`, () =>
      send(input, init),
    ),
  );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  const { apns, google, messages, samsung, outside } = standing;
  await Promise.all([apns.close(), google.close(), messages.close(), samsung.close()]);
  outside.close();
  rmSync(folder, { recursive: true });
});

// A world with a member ---------------------------------------------------------------------------------------------

const program = defaultProgram();
const consumers = ['messages', 'apple-push', 'google-update', 'samsung-update'] as const;
type Consumer = (typeof consumers)[number];
type Handler = Parameters<typeof invoke>[0];

const load: Readonly<Record<Consumer, () => Promise<{ handler: unknown }>>> = {
  messages: () => import('../../functions/events/messages.ts'),
  'apple-push': () => import('../../functions/events/apple-push.ts'),
  'google-update': () => import('../../functions/events/google-update.ts'),
  'samsung-update': () => import('../../functions/events/samsung-update.ts'),
};

let instance = 0;

/**
 * A handler in an instance that remembers nothing. What is kept of Google and Samsung is kept for a secret, so with
 * another one it is made anew; what was told to phones is forgotten with the module alone.
 */
async function newInstance(consumer: Consumer): Promise<Handler> {
  instance++;
  if (consumer === 'apple-push') vi.resetModules();
  return (await load[consumer]()).handler as Handler;
}

function secretOf(which: string): object | undefined {
  const secret = standing.secrets[which];
  if (which === 'google') return { ...secret, callbackKeysUrl: `http://127.0.0.1/?${instance}` };
  return which === 'samsung' ? { ...secret, tokenSeconds: 300 + instance } : secret;
}

interface Member {
  readonly world: World;
  /** Of the system, in epoch milliseconds. */
  readonly clock: { now: number };
  readonly memberId: MemberId;
}

let serial = 0;

async function newMember(wanted: { email?: string; phone?: string }): Promise<Member> {
  const clock = { now: noon };
  const world = newWorld(clock);
  current.world = world;
  current.deps = {
    ...world.deps,
    sleep: async (milliseconds: number) => {
      clock.now += milliseconds;
    },
    newRequestId: () => '7b0f1c1e-8f0a-4f53-9d0e-0a6f0c2b1d3e',
    monotonic: () => 0,
    messages: async () => connectMessages({}, 'loyalty@example.com'),
    walletSecret: (which: string) => through(`secret ${which}`, async () => secretOf(which)),
  };
  await putInForce(world.ledger, program);
  const enrolled = await enrol(world.ledger, program, wanted, noon);
  if (enrolled.type !== 'enrolled') throw new Error('The member exists already.');
  return { world, clock, memberId: enrolled.member.account.memberId };
}

async function buy({ world, memberId }: Member): Promise<void> {
  const account = await getAccount(world.ledger, memberId);
  const id = `store:P${account?.version}` as const;
  await recordPurchase(world.ledger, program, aPurchase([10_000], { member: { memberId }, id }), noon);
}

async function leave({ world, memberId }: Member): Promise<void> {
  const operator = { keyId: 'setup', name: 'setup' };
  const wanted = { memberId, operator, reason: null };
  const noList = { add: async () => {}, page: async () => ({ items: [] }) };
  await eraseMember(world.ledger, noList, program, wanted, noon, () => true);
}

/** The event of an entry, the newest unless told otherwise, as the queue brings it. */
async function eventOf({ world, memberId }: Member, before?: number): Promise<string> {
  const page = { limit: 1, ...(before === undefined ? {} : { before }) };
  const [entry] = await listEntries(world.ledger, memberId, page);
  const [event] = entry ? toEvents(entry) : [];
  if (!event) throw new Error('There is no event.');
  return JSON.stringify({ id: 'e', source: event.source, 'detail-type': event.name, detail: event.detail });
}

function linkAskedFor({ memberId }: Member): string {
  const detail = { version: 1, memberId, requestedAt: new Date(noon).toISOString() };
  return JSON.stringify({ id: 'e', source: 'philia.members', 'detail-type': 'CardLinkRequested', detail });
}

/** A card that Google has, of a member who saved it. */
async function saveAtGoogle({ world, memberId }: Member): Promise<void> {
  const { googleLink } = await import('../../functions/wallets/google-card.ts');
  const member = await getMember(world.ledger, memberId);
  const link = member && (await googleLink(current.deps as Deps, program, member));
  standing.google.save(link ?? '');
  const message = { memberId, state: 'saved' as const, nonce: 'n', until: noon + 3_600_000 };
  await noteGoogleState(world.ledger, message, noon);
}

async function saveAtSamsung({ world, memberId }: Member): Promise<void> {
  await offerSamsung(world.ledger, memberId, 2, 'FR', noon);
  const message = { memberId, state: 'saved' as const, countryCode: 'FR', callback: null, signedAt: noon };
  await noteSamsungState(world.ledger, message, noon);
}

/** Two phones with the member's pass; their names differ from world to world, since Apple's side is one for all. */
async function register({ world, memberId }: Member): Promise<string[]> {
  serial++;
  const tokens = [`phone-${serial}`, `watch-${serial}`];
  const version = (await getAccount(world.ledger, memberId))?.version ?? 0;
  for (const [index, pushToken] of tokens.entries())
    await registerDevice(
      world.ledger,
      { memberId, device: `device-${index}`, passType: PASS_TYPE_IDENTIFIER, pushToken },
      version,
      noon,
    );
  return tokens;
}

/** Pushes that Apple took for a phone. */
const pushesTo = (token: string) =>
  standing.outside.list('push').filter(({ pushToken, status }) => pushToken === token && status === 200)
    .length;

// What is delivered, and what it comes to ---------------------------------------------------------------------------

interface Delivery {
  readonly member: Member;
  readonly body: string;
  /** The ledger, then what the outside shows and what is known of that: the same after any fault. */
  readonly shown: () => Promise<readonly unknown[]>;
  /** How often each of those outside was told. */
  readonly told: () => readonly number[];
}

interface Case {
  readonly consumer: Consumer;
  /** Which call tells somebody outside. */
  readonly telling: RegExp;
  readonly make: () => Promise<Delivery>;
  /** What is shown outside, and how often each was told, when nothing breaks. */
  readonly right: readonly unknown[];
  readonly told: readonly number[];
}

/** What counts and not what is shown: turns taken with Google, and how often a note of its object was changed. */
const isShown = ({ item }: Item) => item !== 'turn' && item !== 'googlePass' && item !== 'googleClass';

async function ofMessages(wanted: { email?: string; phone?: string }, isGone = false): Promise<Delivery> {
  const member = await newMember(wanted);
  const body = linkAskedFor(member);
  if (isGone) await leave(member);
  const to = wanted.email ?? wanted.phone;
  const link = cardToken(member.world.ledger, member.memberId);
  const sent = () => standing.outside.list('message').filter(({ text }) => text.includes(link));
  return {
    member,
    body,
    shown: async () => [stateOf(member.world), sent().every((one) => one.to === to)],
    told: () => [sent().length],
  };
}

async function ofApple(happens: 'change' | 'leave' | 'overtaken' | 'gone'): Promise<Delivery> {
  const member = await newMember({});
  const { world, memberId } = member;
  const tokens = await register(member);
  const { tag } = await changedPasses(world.ledger, 'device-0', PASS_TYPE_IDENTIFIER, 0);
  await (happens === 'leave' ? leave(member) : buy(member));
  const body = await eventOf(member);
  if (happens === 'overtaken') await buy(member);
  const [first = ''] = tokens;
  const gone = { pushToken: first, status: 410, reason: 'Unregistered', timestamp: noon };
  if (happens === 'gone') standing.apns.respond(gone);
  return {
    member,
    body,
    shown: async () => {
      const changed = await changedPasses(world.ledger, 'device-1', PASS_TYPE_IDENTIFIER, tag);
      // Phones' names differ from world to world; and an event that came again told them later, and noted it again.
      const state = stateOf(world).map((item) =>
        item
          .replaceAll(/(phone|watch)-\d+/g, '$1')
          .replaceAll(/"(tag|revision)":\d+/g, '"$1":"*"')
          .replaceAll(/"(at|by)":"[^"]+"/g, '"$1":"*"'),
      );
      const registered = await registrationsOf(world.ledger, memberId);
      const phones = registered.map(({ pushToken }) => tokens.indexOf(pushToken));
      return [state, changed.serials.includes(memberId), phones];
    },
    told: () => tokens.map(pushesTo),
  };
}

async function ofGoogle(happens: 'change' | 'leave' | 'not saved' | 'new class'): Promise<Delivery> {
  const member = await newMember({});
  const { world, memberId } = member;
  const { ledger } = world;
  if (happens !== 'not saved') await saveAtGoogle(member);
  if (happens === 'new class') {
    const { noteGoogleClass, getGoogleClass } = await import('../../ledger/ledger.ts');
    await noteGoogleClass(ledger, await getGoogleClass(ledger), 'of another programme');
  }
  await (happens === 'leave' ? leave(member) : buy(member));
  const objectId = `${standing.google.serviceAccount.issuerId}.${memberId}`;
  const noticesBefore = notices(objectId);
  return {
    member,
    body: await eventOf(member),
    shown: async () => {
      const pass = await getGooglePass(ledger, memberId);
      const isNewest = pass?.version === (await getAccount(ledger, memberId))?.version;
      const object = standing.google.object(objectId);
      const points = object?.['loyaltyPoints'] as { balance: { int: number } } | undefined;
      return [
        stateOf(world, isShown),
        isNewest,
        pass?.doubted,
        object?.['state'],
        points?.balance.int,
        JSON.stringify(object ?? null)
          .replaceAll(memberId, 'member')
          .replaceAll(cardToken(ledger, memberId), 'token')
          .replaceAll(/"29\d{11}"/g, '"card number"'),
      ];
    },
    told: () => [notices(objectId) - noticesBefore],
  };
}

const notices = (objectId: string) => standing.outside.get('notices', objectId)?.length ?? 0;

async function ofSamsung(happens: 'change' | 'not saved'): Promise<Delivery> {
  const member = await newMember({});
  const { world, memberId } = member;
  if (happens === 'change') await saveAtSamsung(member);
  await buy(member);
  const refId = cardToken(world.ledger, memberId);
  return {
    member,
    body: await eventOf(member),
    shown: async () => {
      const pass = await getSamsungPass(world.ledger, memberId);
      return [stateOf(world), pass?.version === (await getAccount(world.ledger, memberId))?.version];
    },
    told: () => [standing.toldSamsung.filter((one) => one === refId).length],
  };
}

const cases: Readonly<Record<string, Case>> = {
  'a link is sent by e-mail': {
    consumer: 'messages',
    telling: /^e-mail$/,
    make: () => ofMessages({ email: 'zoe@example.com', phone: '+33612345678' }),
    right: [true],
    told: [1],
  },
  'a link is sent by SMS': {
    consumer: 'messages',
    telling: /^SMS$/,
    make: () => ofMessages({ phone: '+33612345678' }),
    right: [true],
    told: [1],
  },
  'a link is asked for by somebody who has left': {
    consumer: 'messages',
    telling: /^(e-mail|SMS)$/,
    make: () => ofMessages({ email: 'zoe@example.com' }, true),
    right: [true],
    told: [0],
  },
  'two phones are told of a change': {
    consumer: 'apple-push',
    telling: /^push$/,
    make: () => ofApple('change'),
    right: [true, [0, 1]],
    told: [1, 1],
  },
  'two phones are told that a pass is void': {
    consumer: 'apple-push',
    telling: /^push$/,
    make: () => ofApple('leave'),
    right: [true, [0, 1]],
    told: [1, 1],
  },
  'a change that another one has overtaken is left to that one': {
    consumer: 'apple-push',
    telling: /^push$/,
    make: () => ofApple('overtaken'),
    right: [false, [0, 1]],
    told: [0, 0],
  },
  'a phone that is gone is forgotten, and the other one is told': {
    consumer: 'apple-push',
    telling: /^push$/,
    make: () => ofApple('gone'),
    right: [true, [1]],
    told: [0, 1],
  },
  "a card at Google's shows a change": {
    consumer: 'google-update',
    telling: /^PATCH .*loyaltyObject/,
    make: () => ofGoogle('change'),
    right: [true, false, 'ACTIVE', 150],
    told: [1],
  },
  "a card at Google's shows a change of a programme that is not written yet": {
    consumer: 'google-update',
    telling: /^PATCH .*loyaltyObject/,
    make: () => ofGoogle('new class'),
    right: [true, false, 'ACTIVE', 150],
    told: [1],
  },
  "a card at Google's is emptied": {
    consumer: 'google-update',
    telling: /^PATCH .*loyaltyObject/,
    make: () => ofGoogle('leave'),
    right: [true, false, 'EXPIRED', 0],
    told: [0],
  },
  'a card that nobody has saved is left alone': {
    consumer: 'google-update',
    telling: /^PATCH .*loyaltyObject/,
    make: () => ofGoogle('not saved'),
    right: [false, undefined, undefined, undefined],
    told: [0],
  },
  'Samsung is told of a change': {
    consumer: 'samsung-update',
    telling: /^POST .*updates$/,
    make: () => ofSamsung('change'),
    right: [true],
    told: [1],
  },
  'Samsung is not told of a card that nobody has saved': {
    consumer: 'samsung-update',
    telling: /^POST .*updates$/,
    make: () => ofSamsung('not saved'),
    right: [false],
    told: [0],
  },
};

// The test ----------------------------------------------------------------------------------------------------------

/** Whether the queue would bring the event again: the invocation was given up, or said that it failed. */
async function deliver({ body }: Delivery, handler: Handler): Promise<'done' | 'comes again'> {
  const attributes = { ApproximateReceiveCount: '1' };
  const answer = await invoke(handler, { Records: [{ messageId: 'm', body, attributes }] });
  const failures = (answer as { batchItemFailures?: unknown[] } | undefined)?.batchItemFailures;
  return failures?.length === 0 ? 'done' : 'comes again';
}

async function caseOf(name: string): Promise<Case> {
  const one = cases[name];
  if (!one) throw new Error(`There is no case ${name}.`);
  return one;
}

async function reference(name: string) {
  const { consumer, make } = await caseOf(name);
  const handler = await newInstance(consumer);
  const delivery = await make();
  const { world } = delivery.member;
  world.arm();
  expect(await deliver(delivery, handler)).toBe('done');
  const calls = [...world.calls];
  world.disarm();
  const { told, right } = await caseOf(name);
  const shown = await delivery.shown();
  expect(shown.slice(1, 1 + right.length)).toEqual(right);
  expect(delivery.told()).toEqual(told);
  return { calls, shown, told };
}

interface Broken {
  readonly armed: Armed;
  /** Whether it is delivered again to an instance that remembers nothing; one that hung is one no more. */
  readonly isNew: boolean;
}

async function broken(name: string, { armed, isNew }: Broken, warm: Handler) {
  const { consumer, make } = await caseOf(name);
  // Whom this member's phones were told of nobody remembers yet, so an instance may have a past.
  const handler = consumer === 'apple-push' ? warm : await newInstance(consumer);
  const delivery = await make();
  const { world } = delivery.member;
  world.arm(armed);
  const first = await deliver(delivery, handler);
  world.disarm();
  await world.settled();
  const toldFirst = delivery.told();
  // The queue shows a message again when it has been hidden for a minute and a half. Phones are told by the clock.
  if (consumer === 'apple-push') delivery.member.clock.now += 90_000;
  if (first === 'comes again')
    expect(await deliver(delivery, isNew ? await newInstance(consumer) : handler)).toBe('done');
  return { first, shown: await delivery.shown(), toldFirst, told: delivery.told() };
}

/** Every way in which a call can break: with the process, alone, or with all that are like it. */
const ways = (at: number): Broken[] =>
  faults.flatMap((kind) => {
    const crash = { armed: { kind, at }, isNew: true };
    if (kind === 'hang') return [crash];
    const alone = { armed: { kind, at, reach: 'call' as const }, isNew: false };
    const away = { armed: { kind, at, reach: 'name' as const }, isNew: false };
    return [crash, { ...crash, isNew: false }, alone, ...(kind === 'do twice' ? [] : [away])];
  });

describe.each(Object.keys(cases))('%s', (name) => {
  it('whichever call broke, once it was delivered again', async () => {
    const { consumer, telling } = await caseOf(name);
    const warm = await newInstance(consumer);
    const { calls, shown, told } = await reference(name);
    expect(calls.length).toBeGreaterThan(0);
    for (const [at, call] of calls.entries())
      for (const way of ways(at)) {
        const { kind, reach = 'process' } = way.armed;
        const what = `${kind} (${reach}) at call ${at}, ${call}, ${way.isNew ? 'new' : 'same'} instance`;
        const found = await broken(name, way, warm);
        expect(found.shown, what).toEqual(shown);
        // Never less than once. More only where the answer to the very telling was lost, or it was done twice; or
        // where somebody was told before another call broke, and nothing but an instance's memory says so.
        const isRepeated = telling.test(call) && (kind === 'commit then throw' || kind === 'do twice');
        const remembers = consumer === 'apple-push' && !way.isNew;
        for (const [who, times] of found.told.entries()) {
          expect(times, `${what}: told`).toBeGreaterThanOrEqual(told[who] ?? 0);
          const isForgotten = !remembers && found.first === 'comes again' && (found.toldFirst[who] ?? 0) > 0;
          // As often as it was told while every answer of its kind was lost.
          const lost = reach === 'name' ? (found.toldFirst[who] ?? 0) : 1;
          const more = isRepeated ? lost : isForgotten ? 1 : 0;
          expect(times, `${what}: told too often`).toBeLessThanOrEqual((told[who] ?? 0) + more);
        }
      }
  });

  it('that comes once more after it was done shows the same, and tells again only who keeps no note of it', async () => {
    const { consumer, make, right, told } = await caseOf(name);
    const handler = await newInstance(consumer);
    const delivery = await make();
    expect(await deliver(delivery, handler)).toBe('done');
    const shown = await delivery.shown();
    expect(await deliver(delivery, handler)).toBe('done');
    // A message leaves no trace with us: it is sent as often as its event comes.
    const again = (times: number) => (consumer === 'messages' ? 2 * times : times);
    expect(delivery.told()).toEqual(told.map(again));
    expect(await delivery.shown()).toEqual(shown);
    expect(shown.slice(1, 1 + right.length)).toEqual(right);
    expect(await deliver(delivery, await newInstance(consumer))).toBe('done');
    const byOther = (times: number) => (consumer === 'messages' ? 3 * times : times);
    expect(delivery.told()).toEqual(told.map(byOther));
    expect(await delivery.shown()).toEqual(shown);
  });
});
