/** `GET /v1/members/{memberId}/export`: everything held on a member, in pages that Lambda can answer. */
import { Problem } from '../../core/contract/errors.ts';
import type { ExportedPurchase, ExportedRefund, MemberExport } from '../../core/contract/export.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import {
  type ExportPosition,
  exportPhases,
  getApplePass,
  getGooglePass,
  getMember,
  getReferral,
  getSamsungPass,
  type Held,
  type Member,
  mergedInto,
  noteExport,
  type Referral,
  type RefundRecord,
  referralCode,
  registrationsOf,
  type SamsungPass,
  walkExport,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { byteOrderMark, csvLine } from '../kit/csv.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { type Answer, type HttpRequest, readerOf } from '../kit/serve.ts';
import { memberAnswer, programOf, purchaseAnswer } from './present.ts';

/** Lambda answers 6 MB, in which the body is one JSON string: its quotes grow, or it is base64. */
const bytesMax = 4_000_000;
const workMsMax = 6_000;

export async function exportMember(
  { params, query, caller }: HttpRequest<'exportMember'>,
  deps: Deps,
): Promise<Answer> {
  const { memberId } = params;
  const member = await getMember(deps.ledger, memberId);
  if (!member) throw new Problem('not_found');
  const list = `export ${query.format} ${memberId}`;
  const position = decodeCursor(deps, list, query.cursor);
  const from = position === undefined ? undefined : (JSON.parse(position) as ExportPosition);
  // One request for somebody's data is one note, however many pages it takes.
  if (!from) await noteExport(deps.ledger, readerOf(caller), memberId, deps.now());
  const cursorOf = (next: ExportPosition | null) => next && encodeCursor(deps, list, JSON.stringify(next));
  return query.format === 'csv'
    ? csvPage(deps, member, from, cursorOf)
    : jsonPage(deps, member, from, cursorOf);
}

type CursorOf = (next: ExportPosition | null) => string | null;

/** Whether there is room and time for more, given the size of what was added. */
function limits(deps: Deps): (bytes: number) => boolean {
  const begun = deps.monotonic();
  let total = 0;
  return (bytes) => {
    total += bytes;
    return total < bytesMax && deps.monotonic() - begun < workMsMax;
  };
}

// JSON ----------------------------------------------------------------------------------------------------------------

type Lists = Pick<
  MemberExport,
  'referrals' | 'vouchers' | 'exceptions' | 'entries' | 'redemptions' | 'purchases' | 'refunds'
>;

async function jsonPage(
  deps: Deps,
  member: Member,
  from: ExportPosition | undefined,
  cursorOf: CursorOf,
): Promise<Answer> {
  const lists: Lists = {
    referrals: [],
    vouchers: [],
    exceptions: [],
    entries: [],
    redemptions: [],
    purchases: [],
    refunds: [],
  };
  const mayGoOn = limits(deps);
  const refunds = new Set<string>();
  const take = (found: readonly Held[]) => {
    const fresh = found.filter((held) => held.section !== 'refunds' || !refunds.has(held.item.refundId));
    let bytes = 0;
    for (const held of fresh) {
      if (held.section === 'refunds') refunds.add(held.item.refundId);
      const shown = shownAs(held, member.account.memberId);
      (lists[held.section] as object[]).push(shown);
      bytes += Buffer.byteLength(JSON.stringify(shown));
    }
    return mayGoOn(bytes);
  };
  const person = from ? null : await personOf(deps, member);
  const next = await walkExport(deps.ledger, member, exportPhases, from, take);
  const { memberId } = member.account;
  const body: MemberExport = {
    memberId,
    exportedAt: utc(deps.now()),
    person,
    ...lists,
    cursor: cursorOf(next),
  };
  return { status: 200, body };
}

async function personOf(deps: Deps, member: Member): Promise<MemberExport['person']> {
  const merged = await mergedInto(deps.ledger, member.account);
  return {
    ...(await keptOf(deps, member)),
    merged: await Promise.all(
      merged.map(async (one) => ({
        ...(await keptOf(deps, one)),
        consentsBefore: one.profile.merged?.consents ?? {},
      })),
    ),
  };
}

/** What is kept under one id. */
async function keptOf(deps: Deps, member: Member) {
  const { account, profile } = member;
  const { memberId } = account;
  const [program, referral, registrations, apple, google, samsung] = await Promise.all([
    programOf(deps),
    getReferral(deps.ledger, memberId),
    registrationsOf(deps.ledger, memberId),
    getApplePass(deps.ledger, memberId),
    getGooglePass(deps.ledger, memberId),
    getSamsungPass(deps.ledger, memberId),
  ]);
  return {
    member: memberAnswer(deps, program, member),
    consents: profile.consents,
    referralCode: referralCode(deps.ledger, memberId),
    referralCodeGiven: profile.referralCode,
    account: { ...account },
    broughtBy: referral ? shownReferral(referral) : null,
    devices: registrations.map(({ device, passType, pushToken, registeredAt }) => ({
      device,
      passType,
      pushToken,
      registeredAt: utc(registeredAt),
    })),
    apple: apple ? { told: apple.told, fetched: apple.fetched } : null,
    google: google ? { objectId: google.objectId, version: google.version } : null,
    samsung: samsung ? shownSamsung(samsung) : null,
  };
}

function shownSamsung({ version, state, stateAt, countryCode }: SamsungPass) {
  return { version, state, stateAt, countryCode };
}

function shownAs(held: Held, memberId: MemberId): object {
  switch (held.section) {
    case 'referrals':
      return shownReferral(held.item);
    case 'vouchers': {
      const { voucherId, rewardId, code, status, uses, usesMax, issuedAt, expiresAt } = held.item;
      return { voucherId, rewardId, code, status, uses, usesMax, issuedAt, expiresAt };
    }
    case 'redemptions': {
      const { redemptionId, rewardId, points, status, channel, ...rest } = held.item;
      const { createdAt, expiresAt, purchaseId } = rest;
      const voucherIds = [...rest.voucherIds];
      const vouchers = { voucherId: voucherIds[0] ?? null, voucherIds };
      return {
        redemptionId,
        rewardId,
        points,
        status,
        channel,
        createdAt,
        expiresAt,
        purchaseId,
        ...vouchers,
      };
    }
    case 'exceptions':
    case 'entries':
      return held.item;
    case 'purchases':
      return shownPurchase(held.item, memberId);
    case 'refunds':
      return shownRefund(held.item);
  }
}

function shownReferral({ newcomerId, referrerId, status, reason, paid }: Referral) {
  return { newcomerId, referrerId, status, reason, paidAt: paid?.at ?? null };
}

function shownPurchase(record: PurchaseRecord, memberId: MemberId): ExportedPurchase {
  const { channel, store, occurredAt, currency, lines, shippingMinor, member } = record.purchase;
  return {
    ...purchaseAnswer(record, record.memberId && memberId),
    channel,
    store: store ?? null,
    occurredAt,
    recordedAt: record.recordedAt,
    currency,
    lines,
    shippingMinor: shippingMinor ?? 0,
    namedAs: member ?? null,
  };
}

function shownRefund(record: RefundRecord): ExportedRefund {
  const { purchaseId, occurredAt, currency, amountMinor, shippingMinor, lines } = record.refund;
  const { refundId, status, recordedAt, clawedBack, debt } = record;
  return {
    refundId,
    purchaseId: purchaseId ?? null,
    status,
    occurredAt,
    recordedAt,
    currency,
    amountMinor: amountMinor ?? null,
    shippingMinor: shippingMinor ?? null,
    lines: lines ?? [],
    points: { clawedBack, debt },
  };
}

// CSV -----------------------------------------------------------------------------------------------------------------

const columns = [
  'purchaseId',
  'occurredAt',
  'channel',
  'store',
  'lineId',
  'sku',
  'gtin',
  'name',
  'category',
  'brand',
  'quantity',
  'amountMinor',
  'discountMinor',
  'currency',
  'status',
];

/** The pages put behind one another are one file: its head is on the first. */
async function csvPage(
  deps: Deps,
  member: Member,
  from: ExportPosition | undefined,
  cursorOf: CursorOf,
): Promise<Answer> {
  const { memberId } = member.account;
  const parts = from ? [] : [byteOrderMark + csvLine(columns)];
  const mayGoOn = limits(deps);
  const take = (found: readonly Held[]) => {
    const lines = found.flatMap((held) =>
      held.section === 'purchases' ? csvLines(held.item, memberId) : [],
    );
    parts.push(...lines);
    return mayGoOn(Buffer.byteLength(lines.join('')));
  };
  const next = cursorOf(await walkExport(deps.ledger, member, ['exceptions', 'purchases'], from, take));
  const address = `/v1/members/${memberId}/export?format=csv&cursor=${encodeURIComponent(next ?? '')}`;
  const headers = {
    'content-disposition': `attachment; filename="${memberId}.csv"`,
    ...(next === null ? {} : { link: `<${address}>; rel="next"` }),
  };
  return { status: 200, body: Buffer.from(parts.join('')), headers };
}

function csvLines(record: PurchaseRecord, memberId: MemberId): string[] {
  const { purchaseId, occurredAt, channel, store, lines, currency, status } = shownPurchase(record, memberId);
  return lines.map(({ id, sku, gtin, name, category, brand, quantity, amountMinor, discountMinor }) =>
    csvLine([
      purchaseId,
      occurredAt,
      channel,
      store,
      id,
      sku,
      gtin ?? null,
      name ?? null,
      category ?? null,
      brand ?? null,
      quantity,
      amountMinor,
      discountMinor ?? null,
      currency,
      status,
    ]),
  );
}
