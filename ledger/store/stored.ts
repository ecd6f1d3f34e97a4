/**
 * How what an item holds is written where that differs from what it is: shorter, with nothing lost. Every kilobyte of
 * an item is paid for, and no item may be larger than 400 KB, so line ids (up to 128 characters each, up to 500 of
 * them) stand once; whatever names some of a purchase's lines is written as one bit for each of them.
 */
import type { Account, Entry } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import type { StoredProgram } from './items.ts';

type Fields = Readonly<Record<string, unknown>>;

// Some of a list of ids, as bits -----------------------------------------------------------------------------

/** Which of `all` are named, as base64url: bit n of the bytes is for the nth. */
export function toBits(all: readonly string[], named: readonly string[]): string {
  const places = new Map(all.map((id, place) => [id, place]));
  const bytes = new Uint8Array(Math.ceil(all.length / 8));
  for (const id of named) {
    const place = places.get(id);
    if (place === undefined) throw new Error(`${id} is not among the lines.`);
    bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (1 << (place & 7));
  }
  return Buffer.from(bytes).toString('base64url');
}

/** The inverse, in the order of the list. */
export function fromBits(all: readonly string[], bits: string): string[] {
  const bytes = Buffer.from(bits, 'base64url');
  return all.filter((_, place) => ((bytes[place >> 3] ?? 0) >> (place & 7)) & 1);
}

/** Bits where ids stand in the order of the list, as whatever filters a list leaves them; else the ids themselves. */
function bitsOrIds(all: readonly string[], named: readonly string[]): string | readonly string[] {
  const bits = toBits(all, named);
  return JSON.stringify(fromBits(all, bits)) === JSON.stringify(named) ? bits : named;
}

interface Named {
  readonly lines?: readonly string[];
}

/** Items of before wrote the ids themselves, which are read as they are. */
function linesAsBits<T extends Named>(all: readonly string[], items: readonly T[]): object[] {
  return items.map(({ lines, ...rest }) =>
    lines === undefined ? rest : { ...rest, lines: bitsOrIds(all, lines) },
  );
}

function linesFromBits<T extends object>(all: readonly string[], items: readonly T[]): object[] {
  return items.map((item) => {
    const { lines } = item as { lines?: unknown };
    return typeof lines === 'string' ? { ...item, lines: fromBits(all, lines) } : item;
  });
}

/** Applies the same to the lists of a basis, or of the terms of an earning, that name lines. */
function mapNamed(terms: Fields, map: (items: readonly Named[]) => object[]): Fields {
  const { campaigns, stampCards } = terms as { campaigns?: readonly Named[]; stampCards?: readonly Named[] };
  return {
    ...terms,
    ...(campaigns ? { campaigns: map(campaigns) } : {}),
    ...(stampCards ? { stampCards: map(stampCards) } : {}),
  };
}

// Purchases ----------------------------------------------------------------------------------------------------

/** What a purchase's record holds as long as nothing was refunded: not stored. */
const purchaseDefaults: Partial<PurchaseRecord> = {
  clawedBack: 0,
  refundedLines: {},
  refundedOrderMinor: 0,
  refundIds: [],
  conflicts: [],
};

function storedPurchase(record: PurchaseRecord): Fields {
  const all = record.purchase.lines.map(({ id }) => id);
  const { earning } = record;
  const refundedLines = Object.fromEntries(
    Object.entries(record.refundedLines).map(([id, refunded]) => [`#${all.indexOf(id)}`, refunded]),
  );
  const fields: Fields = {
    ...record,
    refundedLines,
    earning: earning && {
      ...earning,
      lines: bitsOrIds(all, earning.lines),
      terms: mapNamed(earning.terms, (items) => linesAsBits(all, items)),
    },
  };
  const isDefault = ([name, value]: [string, unknown]) =>
    Object.hasOwn(purchaseDefaults, name) &&
    JSON.stringify(value) === JSON.stringify(purchaseDefaults[name as keyof PurchaseRecord]);
  return Object.fromEntries(Object.entries(fields).filter((field) => !isDefault(field)));
}

function restoredPurchase({ conflict, ...fields }: Fields): Fields {
  const all = (fields as unknown as PurchaseRecord).purchase.lines.map(({ id }) => id);
  // Written by place; records of before were written with the ids themselves, none of which began so.
  const lineOf = (name: string) => (name.startsWith('#') ? (all[Number(name.slice(1))] ?? name) : name);
  const earning = fields['earning'] as { lines: unknown; terms: Fields } | null;
  const refunded = Object.entries((fields['refundedLines'] ?? {}) as Fields);
  return {
    ...purchaseDefaults,
    // Records of before said only that there was one.
    ...(conflict === true ? { conflicts: [''] } : {}),
    ...fields,
    refundedLines: Object.fromEntries(refunded.map(([name, value]) => [lineOf(name), value])),
    earning: earning && {
      ...earning,
      lines: typeof earning.lines === 'string' ? fromBits(all, earning.lines) : earning.lines,
      terms: mapNamed(earning.terms, (items) => linesFromBits(all, items)),
    },
  };
}

// Entries --------------------------------------------------------------------------------------------------------

/** The lines that a basis names: those that earn, and behind them those that only fill stamp cards. */
function namesOf(basis: Fields): { all: string[]; others: string[] } {
  const earning = (basis['lines'] as readonly { id: string }[]).map(({ id }) => id);
  const known = new Set(earning);
  const cards = (basis['stampCards'] ?? []) as readonly { lines: unknown }[];
  const filling = cards.flatMap(({ lines }) => (Array.isArray(lines) ? (lines as string[]) : []));
  const others = [...new Set(filling.filter((id) => !known.has(id)))];
  return { all: [...earning, ...others], others };
}

function storedEntry({ memberId: _memberId, basis, ...rest }: Entry): Fields {
  // The partition says whose entry it is.
  if (!basis) return rest;
  const { all, others } = namesOf(basis as unknown as Fields);
  const compact = mapNamed(basis as unknown as Fields, (items) => linesAsBits(all, items));
  return { ...rest, basis: { ...compact, ...(others.length > 0 ? { others } : {}) } };
}

/** Who hears of an entry is written beside it and is no part of what its hash covers. */
function restoredEntry({ listeners: _listeners, ...fields }: Fields, memberId: MemberId | undefined): Fields {
  const basis = fields['basis'] as (Fields & { others?: readonly string[] }) | undefined;
  if (!basis) return { ...fields, memberId };
  const { others = [], ...rest } = basis;
  const all = [...(rest['lines'] as readonly { id: string }[]).map(({ id }) => id), ...others];
  return { ...fields, basis: mapNamed(rest, (items) => linesFromBits(all, items)), memberId };
}

// Listeners ------------------------------------------------------------------------------------------------------

/** As one text, so that a condition can compare it; undefined, for accounts of before, is not written. */
export function listenersText(listeners: Account['listeners']): string | undefined {
  return listeners?.join(' ');
}

export function listenersOf(text: string | undefined): Account['listeners'] {
  return text?.split(' ').filter((name) => name !== '') as Account['listeners'];
}

function storedAccount({ listeners, ...account }: Account): Fields {
  return listeners === undefined ? account : { ...account, listeners: listenersText(listeners) };
}

function restoredAccount({ listeners, ...account }: Fields): Fields {
  return listeners === undefined ? account : { ...account, listeners: listenersOf(listeners as string) };
}

// Programmes -----------------------------------------------------------------------------------------------------

/** As one text: the order of currencies says something, and the table's maps have none. */
function storedProgram({ document, ...rest }: StoredProgram): Fields {
  return { ...rest, document: JSON.stringify(document) };
}

/** Programmes of before are maps. */
function restoredProgram({ document, ...rest }: Fields): Fields {
  return { ...rest, document: typeof document === 'string' ? JSON.parse(document) : document };
}

// Both ways ------------------------------------------------------------------------------------------------------

/** What is written of an item's fields. */
export function stored(type: string, data: object): object {
  if (type === 'account') return storedAccount(data as Account);
  if (type === 'entry') return storedEntry(data as Entry);
  if (type === 'program') return storedProgram(data as StoredProgram);
  return type === 'purchase' ? storedPurchase(data as PurchaseRecord) : data;
}

/** The inverse of `stored`; `memberId` is whose partition the item lies in. */
export function restored(type: string, memberId: MemberId | undefined, data: object): object {
  if (type === 'account') return restoredAccount(data as Fields);
  if (type === 'entry') return restoredEntry(data as Fields, memberId);
  if (type === 'purchase') return restoredPurchase(data as Fields);
  if (type === 'program') return restoredProgram(data as Fields);
  if (type === 'redemption') return restoredRedemption(data as Fields);
  if (type === 'awaitedPurchase') return restoredAwaited(data as Fields);
  return data;
}

/** Items of before held the refunds themselves, which lie in their own place, too. */
function restoredAwaited({ refunds, ...fields }: Fields): Fields {
  const ids = ((refunds ?? []) as readonly { id: string }[]).map(({ id }) => id);
  return { refundIds: ids, ...fields };
}

/** Redemptions of before said in which shard they were counted, if they were, and gave one voucher at most. */
function restoredRedemption({ tallyShard, voucherId, ...fields }: Fields): Fields {
  return {
    ...(voucherId === undefined ? {} : { voucherIds: voucherId === null ? [] : [voucherId] }),
    ...fields,
    ...(tallyShard === undefined ? {} : { tallied: tallyShard !== null }),
  };
}
