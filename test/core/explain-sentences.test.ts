/** What is said of each type of entry: to whoever asks why a balance is what it is, word for word. */
import { describe, expect, it } from 'vitest';
import type { Cause, Entry, EntryType, Posting } from '../../core/account.ts';
import { allChannels } from '../../core/channels.ts';
import { explain } from '../../core/explain.ts';
import { defaultProgram } from '../support/world.ts';

const at = '2026-11-22T11:00:00Z';
const voucher = (voucherId: string, rewardId: string) => ({
  voucherId,
  rewardId,
  expiresAt: null,
  usesMax: 1,
});
const coffee = voucher('vou_1', 'free-coffee');
const lot = (points: number) => ({ availableAt: null, expiresAt: null, points });

interface Said {
  readonly type: EntryType;
  readonly cause: Cause;
  readonly postings?: Readonly<Partial<Record<Posting['account'], number>>>;
  readonly more?: object;
}

/** What an entry is told as, without what it says itself. */
function told({ type, cause, postings = {}, more = {} }: Said, program = defaultProgram()) {
  const balance = { available: 0, pending: 0, held: 0, debt: 0 };
  const entry = {
    ...{ entryId: 'ent_1', memberId: 'mem_1', sequence: 1, previousHash: '', hash: '', programVersion: 1 },
    ...{
      type,
      cause,
      occurredAt: at,
      recordedAt: at,
      lots: [],
      balance: { before: balance, after: balance },
    },
    postings: Object.entries(postings).map(([account, points]) => ({ account, points })),
    ...more,
  } as unknown as Entry;
  const { summary, sourceEvent, steps } = explain(entry, {
    program,
    before: undefined,
    purchase: undefined,
    detailed: true,
    kindOf: (id) => allChannels([]).get(id)?.kind,
  });
  return [
    summary,
    [sourceEvent.via, sourceEvent.source, sourceEvent.detailType].filter((one) => one !== null).join(' '),
    steps.map(({ label, value, unit }) => `${label}: ${value} ${unit}`),
  ];
}

const redemption: Cause = { type: 'redemption', id: 'red_1' };
const order: Cause = { type: 'voucher', id: 'vou_1' };
const merge: Cause = { type: 'merge', id: 'mem_2' };
const schedule: Cause = { type: 'schedule', id: 'mem_1' };

const cases: readonly [Said, unknown[]][] = [
  [
    { type: 'profile_changed', cause: { type: 'profile', id: 'mem_1' } },
    ['The name or language on the card changed; no points moved.', 'api', []],
  ],
  [
    { type: 'expiry_noticed', cause: schedule, more: { notice: { points: 7, at: '2026-12-31T23:00:00Z' } } },
    [
      '7 points lapse at the end of 2026-12-31: the member was told a month before.',
      'clock',
      ['Points that lapse in a month: 7 points'],
    ],
  ],
  [
    { type: 'bonus', cause: { type: 'birthday', id: '2026' }, postings: { 'programme:issued': -20 } },
    ['The birthday bonus gave 20 points.', 'clock', ["The programme's birthday bonus: 20 points"]],
  ],
  [
    {
      type: 'bonus',
      cause: { type: 'referral', id: 'web:W1' },
      postings: { 'programme:issued': -20, 'member:debt': 5 },
    },
    [
      'The referral bonus gave 20 points.',
      'bus philia.ledger PointsPosted',
      ["The programme's referral bonus: 20 points", 'Of that, repaid on a debt: 5 points'],
    ],
  ],
  [
    {
      type: 'bonus_taken_back',
      cause: { type: 'referral', id: 'web:W1' },
      postings: { 'programme:clawed_back': 20, 'member:debt': -5 },
    },
    [
      "The referral's purchase was given back: 20 points went with it.",
      'bus philia.ledger PointsPosted',
      ['The referral bonus, taken back: 20 points', 'Of that, owed as a debt: 5 points'],
    ],
  ],
  ...([0, 1, 2] as const).map((count): [Said, unknown[]] => [
    {
      type: 'bonus_taken_back',
      cause: { type: 'merge', id: 'mem_2' },
      postings: { 'programme:clawed_back': 20, 'programme:forgiven': -3 },
      more: { vouchers: { revoked: ['vou_1', 'vou_2'].slice(0, count) } },
    },
    [
      `What one person is given once was given twice: 20 points${['', ' and a voucher', ' and 2 vouchers'][count]} went back.`,
      'api',
      ['The bonus, taken back: 20 points', 'Of that, forgiven: 3 points'],
    ],
  ]),
  [
    {
      type: 'expired',
      cause: schedule,
      postings: { 'programme:expired': 9 },
      more: { occurredAt: '2026-11-30T23:00:00Z' },
    },
    [
      '9 points lapsed at the end of 2026-11-30.',
      'clock',
      ['Points that were not spent in their time: 9 points'],
    ],
  ],
  [
    { type: 'held', cause: redemption, postings: { 'member:held': 100 } },
    [
      '100 points were set aside for the redemption red_1.',
      'api',
      ['Set aside, from the lots that lapse soonest: 100 points'],
    ],
  ],
  [
    { type: 'captured', cause: redemption, postings: { 'programme:redeemed': 100 } },
    ['The redemption red_1 spent 100 points.', 'api', ['Spent: 100 points']],
  ],
  [
    {
      type: 'redeemed',
      cause: redemption,
      postings: { 'programme:redeemed': 100 },
      more: { vouchers: { issued: [coffee] } },
    },
    ['The redemption red_1 spent 100 points for a voucher for A coffee on us.', 'api', ['Spent: 100 points']],
  ],
  [
    {
      type: 'redeemed',
      cause: redemption,
      postings: { 'programme:redeemed': 100 },
      more: { vouchers: { issued: [coffee, voucher('vou_2', 'gone'), voucher('vou_3', 'lost')] } },
    },
    [
      'The redemption red_1 spent 100 points for vouchers for A coffee on us, gone and lost.',
      'api',
      ['Spent: 100 points'],
    ],
  ],
  [
    { type: 'released', cause: redemption, postings: { 'member:held': -100, 'member:debt': 5 } },
    [
      'The redemption red_1 was cancelled: its 100 points are back.',
      'api',
      ['No longer set aside: 100 points', 'Of that, repaid on a debt: 5 points'],
    ],
  ],
  [
    {
      type: 'holds_expired',
      cause: schedule,
      postings: { 'member:held': -100, 'member:debt': 5 },
      more: { holds: { ended: ['red_1', 'red_2'] } },
    },
    [
      'Nobody captured red_1, red_2 in time: 100 points are back.',
      'clock',
      ['No longer set aside: 100 points', 'Of that, repaid on a debt: 5 points'],
    ],
  ],
  [
    {
      type: 'redemption_cancelled',
      cause: redemption,
      postings: { 'programme:redeemed': -100, 'member:debt': 5 },
    },
    [
      'The redemption red_1 was undone: its 100 points are back.',
      'api',
      ['No longer spent: 100 points', 'Of that, repaid on a debt: 5 points'],
    ],
  ],
  [{ type: 'voucher_issued', cause: order }, ['The voucher vou_1 was issued.', 'api', []]],
  [{ type: 'voucher_used', cause: order }, ['The voucher vou_1 was used.', 'api', []]],
  [
    { type: 'voucher_returned', cause: order },
    ['The voucher vou_1 can be used again: its order was given back.', 'api', []],
  ],
  [{ type: 'voucher_revoked', cause: order }, ['The voucher vou_1 was revoked.', 'api', []]],
  [
    {
      type: 'adjusted',
      cause: { type: 'adjustment', id: 'adj_1' },
      postings: { 'programme:issued': -30, 'member:debt': 5 },
    },
    [
      'An operator gave 30 points.',
      'api',
      ['Given by an operator: 30 points', 'Of that, repaid on a debt: 5 points'],
    ],
  ],
  [
    {
      type: 'adjusted',
      cause: { type: 'adjustment', id: 'adj_1' },
      postings: { 'programme:clawed_back': 30 },
    },
    ['An operator took 30 points.', 'api', ['Taken by an operator: 30 points']],
  ],
  ...(['merged', 'unmerged'] as const).flatMap((verb): [Said, unknown[]][] => {
    const repaid = { repaid: [lot(1), lot(1)] };
    const qualifying = (sign: number) => [
      { month: '2026-10', points: 3 * sign },
      { month: '2026-11', points: 4 * sign },
    ];
    const side = (sign: number) => ({
      'member:available': 50 * sign,
      'member:pending': 20 * sign,
      'member:held': 10 * sign,
      'member:debt': -5 * sign,
      'programme:transferred': -75 * sign,
    });
    return [
      [
        {
          type: `${verb}_out`,
          cause: merge,
          postings: side(-1),
          more: { merge: { qualifying: qualifying(-1) } },
        },
        [
          verb === 'merged'
            ? 'The member was merged into mem_2: 75 points went there.'
            : 'The merge of mem_2 was undone: 75 points went back.',
          'api',
          [
            'Points that can be spent go: 50 points',
            'Pending points go: 20 points',
            'Points set aside go: 10 points',
            'A debt goes: 5 points',
            'Qualifying points: 7 points',
          ],
        ],
      ],
      [
        {
          type: `${verb}_in`,
          cause: merge,
          postings: side(1),
          more: { merge: { qualifying: qualifying(1), ...repaid } },
        },
        [
          verb === 'merged'
            ? 'mem_2 was merged into this member: 75 points came with it.'
            : 'The merge into mem_2 was undone: 75 points came back.',
          'api',
          [
            'Points that can be spent come: 50 points',
            'Pending points come: 20 points',
            'Points set aside come: 10 points',
            'A debt comes: 5 points',
            'Of one side’s points, repaid on the debt of the other: 2 points',
            'Qualifying points: 7 points',
          ],
        ],
      ],
    ];
  }),
  [
    {
      type: 'erased',
      cause: { type: 'erasure', id: 'mem_1' },
      postings: { 'programme:erased': 40, 'member:debt': 5 },
    },
    [
      'The member left: 40 points were closed.',
      'api',
      ['Closed with the membership: 40 points', 'Of what was owed, forgiven: 5 points'],
    ],
  ],
  [
    { type: 'tier_reviewed', cause: schedule, more: { occurredAt: '2026-11-30T23:00:00Z' } },
    [
      "The tier's term ended at the end of 2026-11-30, and the last twelve months decided afresh.",
      'clock',
      [],
    ],
  ],
];

describe('an entry', () => {
  it.each(cases.map(([said, sentences]) => [said.type, said, sentences] as const))(
    'of %s is told in words',
    (_, said, sentences) => {
      expect(told(said)).toEqual(sentences);
    },
  );
});
