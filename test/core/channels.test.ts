/** Channels as data: what a programme says of them, of each by its id or else by its kind, and which it may name. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyAccount } from '../../core/account.ts';
import { allChannels, type Channel, fullId, isUnused, sellerOf } from '../../core/channels.ts';
import {
  type ChannelId,
  type ChannelKind,
  channelIdPattern,
  channelKinds,
  channelScopedId,
  type MemberId,
  ownIdMax,
  type PurchaseId,
} from '../../core/contract/ids.ts';
import { readChannelEvent, refuseId } from '../../core/intake.ts';
import { award } from '../../core/points.ts';
import { type Program, type ProgramDocument, programDocument } from '../../core/program.ts';
import { unknownChannels } from '../../core/program-channels.ts';
import { programDifference } from '../../core/program-difference.ts';
import { startOfDay } from '../../core/time.ts';
import { aPurchase, defaultProgram, noon, runs } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const channelOf = (id: ChannelId, kind: ChannelKind): Channel => ({
  id,
  kind,
  name: id,
  pausedAt: null,
  createdAt: '2026-11-01T00:00:00Z',
  usedAt: null,
});
const till = channelOf('till-2', 'store');
const channels = allChannels([till]);

const rule = fc.record({
  multiplier: fc
    .integer({ min: 0, max: 40_000 })
    .map((tenthousandths) => (tenthousandths / 10_000).toFixed(4)),
  pendingDays: fc.integer({ min: 0, max: 60 }),
});
const anyKind = fc.constantFrom(...channelKinds);
const anyId = fc
  .oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/), fc.constantFrom('constructor', 'till-2', 'to-string'))
  .filter((id) => channelIdPattern.test(id) && !(channelKinds as readonly string[]).includes(id));
/** Further channels, some with terms of their own. */
const further = fc.uniqueArray(
  fc.record({ id: anyId, kind: anyKind, own: fc.option(rule, { nil: undefined }) }),
  { selector: ({ id }) => id, maxLength: 8 },
);

describe('any programme over any channels', () => {
  it('earns by the terms of the channel, else by those of its kind', () => {
    fc.assert(
      fc.property(
        fc.record({ web: rule, store: rule, app: rule }),
        further,
        fc.integer({ min: 0, max: 1_000_000 }),
        (kinds, all, amountMinor) => {
          const known = allChannels(all.map(({ id, kind }) => channelOf(id, kind)));
          const said = all.flatMap(({ id, own }) => (own ? [[id, own] as const] : []));
          const rules = { ...kinds, ...Object.fromEntries(said) };
          const { version, ...document } = defaultProgram({ bonuses: {}, stamps: [], channels: rules });
          const program: Program = { ...programDocument.parse(document), version };
          expect(unknownChannels(program, known)).toEqual([]);
          for (const channel of known.values()) {
            const own = all.find(({ id }) => id === channel.id)?.own;
            const { multiplier, pendingDays } = own ?? kinds[channel.kind];
            const purchase = aPurchase([amountMinor], {
              ...sellerOf(channel),
              id: `${channel.id}:1`,
              occurredAt: '2026-11-22T11:00:00Z',
            });
            const { account, entries } = award(program, emptyAccount(memberId), purchase, noon);
            const [earned] = entries.filter(({ type }) => type === 'earned');
            const units = BigInt(multiplier.replace('.', ''));
            expect(earned?.basis?.points).toBe(
              Math.min(100_000, Number((BigInt(amountMinor) * units) / 1_000_000n)),
            );
            const opens = startOfDay({ year: 2026, month: 11, day: 22 + pendingDays }, 'Europe/Paris');
            for (const { availableAt } of account.lots)
              expect(availableAt && Date.parse(availableAt)).toBe(pendingDays === 0 ? null : opens);
          }
        },
      ),
      runs(200),
    );
  });

  it('tells a condition which channel sold, and of which kind it is', () => {
    const campaign = (id: string, when: string) => ({
      id,
      name: id,
      from: '2026-01-01T00:00:00Z',
      to: '2027-01-01T00:00:00Z',
      when,
      bonusPoints: 1,
    });
    const program = defaultProgram({
      bonuses: {},
      campaigns: [
        campaign('till', "purchase.channel == 'till-2'"),
        campaign('kind', "purchase.channelKind == 'store'"),
        { ...campaign('listed', 'true'), channels: ['till-2'] },
      ],
    });
    const met = (channel: Channel) =>
      award(
        program,
        emptyAccount(memberId),
        aPurchase([100], { ...sellerOf(channel), id: `${channel.id}:1` }),
        noon,
      ).entries.flatMap(({ basis }) => basis?.campaigns?.map(({ id }) => id) ?? []);
    expect(met(till)).toEqual(['till', 'kind', 'listed']);
    expect(met(channelOf('store', 'store'))).toEqual(['kind']);
    expect(met(channelOf('kiosk', 'web'))).toEqual([]);
  });
});

describe('a programme that names channels which there are not', () => {
  const { version: _version, ...document } = defaultProgram();
  const own = { multiplier: '2', pendingDays: 0 };
  const dates = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
  const paths = (changes: Partial<ProgramDocument>, known = allChannels([])) =>
    unknownChannels(programDocument.parse({ ...document, ...changes }), known).map(({ path }) => path);

  it.each<[string, Partial<ProgramDocument>]>([
    ['channels.till-2', { channels: { ...document.channels, 'till-2': own } }],
    [
      'campaigns.0.channels.1',
      { campaigns: [{ id: 'a', name: 'A', ...dates, bonusPoints: 1, channels: ['web', 'till-2'] }] },
    ],
    [
      'campaigns.0.when',
      { campaigns: [{ id: 'a', name: 'A', ...dates, bonusPoints: 1, when: "purchase.channel != 'till-2'" }] },
    ],
    [
      'stamps.0.when',
      {
        stamps: [
          {
            id: 'a',
            name: 'A',
            when: "line.sku == 'A' && ('till-2' == purchase.channel || purchase.channel in ['web'])",
            of: 5,
            reward: 'free-coffee',
          },
        ],
      },
    ],
    [
      'rewards.0.channels.0',
      { stamps: [], rewards: [{ id: 'a', name: 'A', points: 1, type: 'experience', channels: ['till-2'] }] },
    ],
  ])('is told so at %s, and of nothing once there is one', (path, changes) => {
    expect(paths(changes)).toEqual([path]);
    expect(paths(changes, channels)).toEqual([]);
  });

  it('is told the remedy', () => {
    const [error] = unknownChannels(
      programDocument.parse({ ...document, channels: { ...document.channels, 'till-2': own } }),
      allChannels([]),
    );
    expect(error?.message).toBe(
      'must be a channel that there is (app, store, web): add till-2 first, by PUT /v1/channels/till-2',
    );
  });

  it('may not name one as no channel can be called', () => {
    for (const id of ['ops', 'Till', '2nd', 'a'.repeat(33), 'a b']) {
      const parsed = programDocument.safeParse({
        ...document,
        channels: { ...document.channels, [id]: own },
      });
      expect([id, parsed.error?.issues.map(({ path }) => path)]).toEqual([id, [['channels', id]]]);
    }
  });

  it('says in words what becomes of a channel', () => {
    const after = { ...document, channels: { ...document.channels, 'till-2': own } };
    expect(programDifference(document, after).map(({ text }) => text)).toEqual([
      'Purchases of till-2 have terms of their own, no longer those of its kind: multiplier 2, pending days 0.',
    ]);
    expect(programDifference(after, document).map(({ text }) => text)).toEqual([
      'Purchases of till-2 have the terms of its kind, no longer their own: multiplier 2, pending days 0.',
    ]);
  });
});

it('a channel is unused until something came by it, unless it was there from the beginning', () => {
  expect([isUnused(till), isUnused({ ...till, usedAt: '2026-11-01T00:00:00Z' })]).toEqual([true, false]);
  for (const first of allChannels([]).values()) expect(isUnused(first)).toBe(false);
});

describe('a purchase that is named', () => {
  it('begins with a channel only where there is one of that name', () => {
    expect(fullId('web', 'till-2:7', channels)).toBe('till-2:7');
    expect(fullId('web', 'till-3:7', channels)).toBe('web:till-3:7');
    expect(fullId(null, 'till-3:7', channels)).toBeNull();
    expect(fullId(null, 'till-2:7', channels)).toBe('till-2:7');
    expect(fullId('web', ':7', channels)).toBe('web::7');
  });

  it('by an own id has no more characters than an own id may have', () => {
    const long = `till-3:${'a'.repeat(ownIdMax)}`;
    expect(channelScopedId.safeParse(long).success).toBe(true);
    expect(fullId('web', long, channels)).toBeNull();
    expect(fullId('web', long.replace('till-3', 'till-2'), channels)).not.toBeNull();
  });

  it('anew by its channel does not begin with one', () => {
    expect(refuseId('till-2:7', channels)).toMatchObject({ errors: [{ path: 'id' }] });
    expect(refuseId('till-3:7', channels)).toBeUndefined();
  });
});

describe('an event', () => {
  const read = (data: object, { kind = 'store', at = noon, known = channels } = {}) =>
    readChannelEvent(
      'PurchaseRecorded',
      {
        source: `philia.channel.${kind}`,
        time: new Date(at).toISOString(),
        detail: { version: 1, idempotencyKey: 'k', data },
      },
      defaultProgram(),
      known,
      noon,
    );
  const sold = aPurchase([100], { channel: 'till-2', id: 'till-2:1' as PurchaseId });
  const wrong = (path: string, message: RegExp) => ({
    type: 'refused',
    errors: [{ path: `detail.data.${path}`, message: expect.stringMatching(message) }],
  });

  it('of a further channel is its purchase, with the kind that its source says', () => {
    expect(read(sold)).toMatchObject({ type: 'purchase', purchase: { ...sold, channelKind: 'store' } });
    // Nobody has to say it, and nobody can.
    expect(read({ ...sold, channelKind: 'web' })).toMatchObject({ type: 'refused' });
  });

  it('of a channel that there is not, of another kind, or under its id, is refused', () => {
    expect(read(sold, { known: allChannels([]) })).toEqual(wrong('channel', /app, store, web/));
    expect(read(sold, { kind: 'web' })).toEqual(wrong('channel', /of the kind web.*is of store/));
    expect(read({ ...sold, id: 'store:1' })).toEqual(wrong('id', /begin with till-2:/));
    expect(read({ ...sold, channel: 'store', id: 'store:till-2:1' })).toEqual(
      wrong('id', /without the channel/),
    );
  });

  it('that was put on the bus before there was the channel that its own id begins with is what it was', () => {
    const early = { ...sold, channel: 'store', id: 'store:till-3:1', occurredAt: '2026-11-22T11:00:00Z' };
    const createdAt = new Date(noon - 600_000).toISOString();
    const known = allChannels([{ ...channelOf('till-3', 'store'), createdAt }]);
    expect(read(early, { known, at: noon - 600_000 })).toMatchObject({ type: 'purchase' });
    expect(read(early, { known })).toEqual(wrong('id', /without the channel/));
  });

  it('that was put on the bus since its channel is paused is refused, and no other', () => {
    const pausedAt = new Date(noon - 600_000).toISOString();
    const paused = allChannels([{ ...till, pausedAt }]);
    expect(read(sold, { known: paused })).toEqual(wrong('channel', /is paused since/));
    // What the door took is posted, though it has waited in a queue meanwhile.
    expect(read(sold, { known: paused, at: noon - 600_000 })).toMatchObject({ type: 'purchase' });
    expect(read(sold, { known: paused, at: noon - 540_000 })).toMatchObject({ type: 'purchase' });
  });
});
