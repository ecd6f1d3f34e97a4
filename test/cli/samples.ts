/** What the API answers in these tests; the server holds each against its schema. */
const ulid = '01JD3F8Q2V9T4C7XKZ5M6N8P0R';
export const memberId = `mem_${ulid}`;
export const entryId = `ent_${ulid}`;
export const exceptionId = `exc_${ulid}`;
export const keyId = `key_${ulid}`;
export const adjustmentId = `adj_${ulid}`;

const balance = { available: 1234, pending: 118, held: 0, debt: 0 };

export const member = {
  memberId,
  cardNumber: '2912345678906',
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  phone: null,
  birthday: null,
  locale: 'en',
  contacts: [{ kind: 'email', status: 'vouched', at: null }],
  consents: { email: { granted: true, at: '2026-11-22T10:00:00Z' } },
  createdAt: '2026-11-22T10:00:00Z',
  balance,
  lifetime: { earned: 1400, spent: 48, expired: 0 },
  tier: {
    id: 'complice',
    name: 'Complice',
    qualifyingPoints: 620,
    nextTier: { id: 'intime', name: 'Intime', pointsMissing: 1380 },
    validUntil: '2027-12-01T00:00:00Z',
  },
  expiring: [{ points: 120, at: '2027-11-30T23:00:00Z' }],
  stamps: [{ id: 'coffee', count: 3, of: 5 }],
  version: 7,
  cardUrl: 'https://points.example.com/card/abc',
  wallet: { appleUrl: 'https://points.example.com/a', googleUrl: 'https://points.example.com/g' },
};

export const voucher = {
  voucherId: `vou_${ulid}`,
  code: '8QK2M7TX04PCR',
  status: 'issued',
  memberId,
  rewardId: 'five-euros',
  name: '€5 off',
  type: 'amount',
  valueMinor: 500,
  currency: 'EUR',
  uses: 0,
  usesMax: 1,
  issuedAt: '2026-11-22T10:00:00Z',
  expiresAt: '2027-02-20T10:00:00Z',
};

export const exception = {
  exceptionId,
  type: 'over_refund',
  status: 'open',
  subject: 'web:RF-1',
  memberId,
  detail: 'More was refunded than was paid.',
  data: { id: 'RF-1', name: 'évil \u001b[31m\u202e' },
  openedAt: '2026-11-22T10:00:00Z',
  resolvedAt: null,
};

export const entry = {
  entryId,
  memberId,
  sequence: 8,
  type: 'adjusted',
  cause: { type: 'adjustment', id: adjustmentId },
  occurredAt: '2026-11-22T10:00:00Z',
  recordedAt: '2026-11-22T10:00:00Z',
  programVersion: 1,
  points: -50,
  postings: [],
  balance,
  hash: 'h',
  previousHash: 'g',
};

export const purchase = {
  purchaseId: 'web:INV-1',
  memberId,
  status: 'partially_refunded',
  totalMinor: 1670,
  refundedMinor: 590,
  points: { earned: 16, clawedBack: 6 },
  entryIds: [entryId],
};

export const explanation = {
  entryId,
  memberId,
  sequence: 8,
  type: 'earned',
  summary: 'Points for a purchase.',
  programVersion: 3,
  cause: { type: 'purchase', id: 'web:INV-1' },
  occurredAt: '2026-11-22T10:00:00Z',
  recordedAt: '2026-11-22T10:00:01Z',
  sourceEvent: { via: 'bus', source: 'philia.channel.web', detailType: 'PurchaseRecorded', id: 'web:INV-1' },
  inputs: {
    currency: 'EUR',
    totalMinor: 1670,
    shippingMinor: 490,
    orderRefundMinor: 0,
    lines: [
      { amountMinor: 1180, eligible: true, name: 'Espresso 250 g' },
      { amountMinor: 490, eligible: false, name: 'Gift card', reason: 'Its category is excluded.' },
    ],
  },
  steps: [
    { label: 'The lines that earn', value: '1180', unit: 'minor' },
    { label: 'The rate', factor: '1/100', value: '11.8', unit: 'points' },
  ],
  rounding: 'Rounded down once: 11.8 is 11.',
  campaigns: [
    { id: 'coffee', name: 'Coffee week', points: 4, outcome: 'gave', reason: null },
    {
      id: 'thanks',
      name: 'Thank you',
      points: 0,
      outcome: 'minimum',
      reason: 'The purchase came to 16.70 EUR; it needs 20.00 EUR.',
    },
  ],
  points: 11,
  lots: [],
  tier: null,
  stamps: [
    {
      id: 'card',
      name: 'Coffee card',
      count: -4,
      notGiven: { count: 3, reason: 'One purchase gives at most 6 stamps of this card.' },
    },
  ],
  vouchers: [{ voucherId: `vou_${ulid}`, rewardId: 'free-coffee', name: 'A coffee on us' }],
  balance: { before: balance, after: { ...balance, available: 1245 } },
};

export const adjustment = {
  adjustmentId,
  status: 'waiting',
  memberId,
  points: 6000,
  reason: 'A prize',
  requestedBy: keyId,
  requestedAt: '2026-11-22T10:00:00Z',
};

export const key = {
  keyId,
  name: 'Till 4',
  role: 'channel',
  channel: 'store',
  createdAt: '2026-11-22T10:00:00Z',
  expiresAt: null,
};

export const channel = {
  id: 'till-2',
  kind: 'store',
  name: 'Second till, Lyon',
  paused: false,
  pausedAt: null,
  createdAt: '2026-11-22T10:00:00Z',
  adapter: null,
  settings: {},
  secretCount: 0,
  hasApiToken: false,
  lastDeliveryAt: null,
  removable: true,
};

export const wallets = {
  version: 7,
  apple: {
    devices: 2,
    told: { version: 7, at: '2026-11-22T10:00:03Z' },
    fetched: { version: 5, at: '2026-11-21T08:00:00Z' },
    behind: { versions: 2, since: '2026-11-22T10:00:00Z', seconds: 97_211 },
  },
  google: { state: 'saved', at: '2026-11-20T10:00:00Z', version: 7, doubted: true, behind: null },
  samsung: null,
};

export const certificates = {
  apple: {
    configured: true,
    passTypeIdentifier: 'pass.com.example',
    teamIdentifier: 'TEAM000001',
    notAfter: '2026-12-01T00:00:00Z',
    daysLeft: 8,
  },
  google: { configured: false },
  samsung: { configured: true },
};

const figures = { actual: 1000, candidate: 1250 };

export const backtest = {
  from: '2026-09-01T00:00:00Z',
  to: '2026-11-01T00:00:00Z',
  members: 12,
  purchases: 40,
  refunds: 1,
  issued: figures,
  clawedBack: { actual: 0, candidate: 0 },
  liability: { ...figures, difference: 250 },
  tierMoves: [{ from: 'ami', to: 'complice', members: 2 }],
  winners: [{ memberId, ...figures, difference: 250 }],
  losers: [],
  broken: [],
  notes: ['Bonuses are the same on both sides.'],
};

export const change = {
  path: 'bonuses.welcome',
  kind: 'changed',
  before: 50,
  after: 60,
  text: 'The welcome bonus is 60 points instead of 50.',
};

export const programVersion = {
  version: 4,
  putAt: '2026-11-22T10:00:00Z',
  putBy: { keyId, name: 'Ada' },
  restores: 2,
  inForce: true,
  changes: 2,
  summary: ['The birthday bonus is now 200 points instead of 100.'],
};
