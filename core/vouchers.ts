/**
 * Vouchers and their codes. A voucher is bound to a reward of the programme's version under which it was issued.
 *
 * Voucher codes: twelve characters of Crockford's base32 (https://www.crockford.com/base32.html) and its check
 * symbol, which catches a wrong or swapped character. Read as people type: any case, with dashes or blanks, O
 * for 0, I and L for 1.
 */
import { base32, type ChannelId, type MemberId, makeId, memberTail, type VoucherId } from './contract/ids.ts';
import { utc } from './contract/shapes/basics.ts';
import { decimal, divideHalfUp } from './decimal.ts';
import { type Minimum, minimumIn } from './minimums.ts';
import type { ProgramDocument } from './program.ts';
import type { Reward } from './redemptions.ts';

/** A voucher as an entry issues it. */
export interface IssuedVoucher {
  readonly voucherId: VoucherId;
  readonly rewardId: string;
  /** Null for a voucher that never expires. */
  readonly expiresAt: string | null;
  /** How often it may be used; null for as often as one likes until it expires. */
  readonly usesMax: number | null;
  /** The programme that promised it, where the entry is of a later one. */
  readonly programVersion?: number;
}

/** What an entry says of vouchers. */
export interface VoucherChange {
  readonly issued?: readonly IssuedVoucher[];
  readonly used?: readonly VoucherId[];
  readonly returned?: readonly VoucherId[];
  readonly revoked?: readonly VoucherId[];
}

/** What an entry says of the vouchers that it issues: nothing where it issues none. */
export function issuing(issued: readonly IssuedVoucher[]): { readonly vouchers?: VoucherChange } {
  return issued.length > 0 ? { vouchers: { issued } } : {};
}

/**
 * A voucher's id: a ULID in form that follows from the entry behind a member's version that issues it.
 * @param index its place among the vouchers of that entry, 0 to 31
 */
export function voucherIdOf(
  account: { readonly memberId: MemberId; readonly version: number },
  index: number,
  now: number,
): VoucherId {
  const place = base32((account.version + 1) * 32 + index, 6);
  return makeId('voucher', base32(now, 10) + memberTail(account.memberId) + place);
}

/** The rewards that one is made of: a bundle's, or itself. */
export function partsOf({ rewards }: Pick<ProgramDocument, 'rewards'>, reward: Reward): readonly Reward[] {
  if (reward.type !== 'bundle') return [reward];
  return reward.rewards.flatMap((name) => rewards.find(({ id }) => id === name) ?? []);
}

/**
 * The vouchers that a reward gives; `account` is the one that the entry is planned on which will issue them: they are
 * named after it, and no others come of it. A donation gives none, a bundle several. A right may be used as often as
 * one likes while it lasts, everything else once.
 * @param program the one that promised the reward
 */
export function vouchersFor(
  program: Pick<ProgramDocument, 'rewards'>,
  reward: Reward,
  account: { readonly memberId: MemberId; readonly version: number },
  now: number,
): IssuedVoucher[] {
  return partsOf(program, reward)
    .filter(({ type }) => type !== 'donation')
    .map(({ id, type, validDays }, index) => ({
      voucherId: voucherIdOf(account, index, now),
      rewardId: id,
      expiresAt: validDays === undefined ? null : utc(now + validDays * 86_400_000),
      usesMax: type === 'right' ? null : 1,
    }));
}

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const checks = `${digits}*~$=U`;
const length = 12;

function checkOf(code: string): string {
  let value = 0;
  for (const digit of code) value = (value * 32 + digits.indexOf(digit)) % 37;
  return checks[value] ?? '';
}

/** A new code, of `randomInteger(32)` for each character: 60 random bits when that is a CSPRNG. */
export function makeVoucherCode(randomInteger: (below: number) => number): string {
  const code = Array.from({ length }, () => digits[randomInteger(32)]).join('');
  return code + checkOf(code);
}

/** The code that somebody typed, or undefined when it is none. */
export function readVoucherCode(typed: string): string | undefined {
  const folded = typed.toUpperCase().replace(/[\s-]/g, '');
  const code = folded.slice(0, length).replace(/O/g, '0').replace(/[IL]/g, '1');
  const isCode = code.length === length && [...code].every((digit) => digits.includes(digit));
  // The check symbol may be a U, and is folded like the others where it is a digit.
  const check = folded.slice(length).replace('O', '0').replace(/[IL]/, '1');
  return isCode && check === checkOf(code) ? code + check : undefined;
}

export interface VoucherRefusal {
  readonly code: 'voucher_used' | 'voucher_expired' | 'voucher_not_applicable';
  readonly reason: string;
}

interface VoucherTerms {
  readonly channels?: readonly ChannelId[] | undefined;
  readonly minimumMinor?: Minimum | undefined;
  /** Of a reward that takes an amount off. */
  readonly currency?: string;
}

/** What a voucher is to be used on, as far as it is known. */
export interface VoucherUse {
  /** Null for an operator. */
  readonly channel: ChannelId | null;
  readonly amountMinor: number | undefined;
  /** What the amount is in; undefined where nobody has said it. */
  readonly currency: string | undefined;
}

/** Why an amount off cannot be taken off a purchase; undefined when it can, or the currency is not known. */
export function refuseCurrency(
  { currency: own }: Pick<VoucherTerms, 'currency'>,
  currency: string | undefined,
): string | undefined {
  return own === undefined || currency === undefined || own === currency
    ? undefined
    : `It takes an amount in ${own} off, and this is in ${currency}.`;
}

/**
 * Why a voucher cannot be used at an instant; undefined when it can.
 * @param program the programme that it was issued under
 */
export function refuseVoucher(
  voucher: {
    readonly status: 'issued' | 'used' | 'revoked';
    readonly expiresAt: string | null;
  },
  program: Pick<ProgramDocument, 'currencies'>,
  terms: VoucherTerms,
  use: VoucherUse,
  now: number,
): VoucherRefusal | undefined {
  const inapplicable = (reason: string) => ({ code: 'voucher_not_applicable' as const, reason });
  if (voucher.status === 'used') return { code: 'voucher_used', reason: 'It has been used.' };
  if (voucher.status === 'revoked') return inapplicable('It was revoked.');
  if (voucher.expiresAt !== null && Date.parse(voucher.expiresAt) <= now)
    return { code: 'voucher_expired', reason: `It expired at ${voucher.expiresAt}.` };
  const { channels } = terms;
  if (channels && use.channel !== null && !channels.includes(use.channel))
    return inapplicable(`It may be used in ${channels.join(', ')}, not in ${use.channel}.`);
  const reason = refuseCurrency(terms, use.currency) ?? refuseAmount(program, terms, use);
  return reason === undefined ? undefined : inapplicable(reason);
}

/** Why what a voucher is used on is too little; undefined where it is not. */
function refuseAmount(
  program: Pick<ProgramDocument, 'currencies'>,
  { minimumMinor, currency: own }: VoucherTerms,
  { amountMinor, currency }: VoucherUse,
): string | undefined {
  if (minimumMinor === undefined) return undefined;
  if (amountMinor === undefined) return 'It needs amountMinor: the reward has a minimum.';
  const code = currency ?? own ?? Object.keys(program.currencies)[0] ?? '';
  const minimum = minimumIn(program, minimumMinor, code, own);
  if (minimum === undefined) return `It has a minimum, and says none in ${code}.`;
  return amountMinor < minimum
    ? `It needs ${minimum} minor units of ${code} or more, not ${amountMinor}.`
    : undefined;
}

/** What a voucher takes off an amount, in minor units, rounded half up; undefined where it is none of those. */
export function discountOf(
  reward: { readonly type: string; readonly valueMinor?: number; readonly percent?: string | undefined },
  amountMinor: number,
): number | undefined {
  if (reward.valueMinor !== undefined) return Math.min(reward.valueMinor, amountMinor);
  if (reward.percent === undefined) return undefined;
  const { units, scale } = decimal(reward.percent);
  return Number(divideHalfUp(BigInt(amountMinor) * units, 100n * 10n ** BigInt(scale)));
}
