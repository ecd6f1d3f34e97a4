/**
 * The single table: every item type, its key and its fields. No other file knows a key.
 *
 * | item | pk | sk |
 * |---|---|---|
 * | account | MEMBER#id | ACCOUNT |
 * | profile | MEMBER#id | PROFILE |
 * | entry | MEMBER#id | ENTRY#sequence |
 * | applePass | MEMBER#id | APPLE |
 * | googlePass | MEMBER#id | GOOGLE |
 * | googleClass | GOOGLE | CLASS |
 * | samsungPass | MEMBER#id | SAMSUNG |
 * | walletHolder (somebody whose card a wallet has) | WALLETS#shard | member |
 * | registration (by member) | MEMBER#id | DEVICE#device |
 * | registration (by device) | DEVICE#device | PASS#member |
 * | device | DEVICE#device | DEVICE |
 * | lookup | LOOKUP#kind#keyed hash | LOOKUP |
 * | lookup (of the member whose entries carry a tail) | LOOKUP#entry#tail | LOOKUP |
 * | purchase, or what waits for it | PURCHASE#id | PURCHASE |
 * | refund | REFUND#id | REFUND |
 * | order (what was made of all that a shop told of it) | ORDER#id | ORDER |
 * | channelEvents (on their way to the bus) | ORDER#id | EVENTS#number |
 * | exception | EXCEPTION#open or resolved#shard | exception id |
 * | exceptionPlace (by type and state) | EXCEPTION#open, resolved or dismissed#type#shard | exception id |
 * | exceptionPlace (by member) | MEMBER#id | EXCEPTION#exception id |
 * | exceptionPlace (by a contact that it names) | CONTACT#keyed hash, or CONTACT#many | exception id |
 * | exceptionIndex (how far what is older than these places was brought in) | EXCEPTIONS | INDEX |
 * | deadLetter (one that can be sent again) | DEADLETTERS | consumer#exception id |
 * | program | PROGRAM | VERSION#number, and CURRENT |
 * | credential | KEY#keyed hash | KEY |
 * | keyIndex | KEYS | key id |
 * | channels (all that operators have added or changed) | CHANNELS | CHANNELS |
 * | channelHealth (what a channel's shop has delivered of late) | CHANNELS | HEALTH#channel |
 * | referral | MEMBER#newcomer | REFERRAL |
 * | brought (from a referrer to the newcomers) | MEMBER#referrer | BROUGHT#newcomer |
 * | referralCount | MEMBER#referrer | REFERRED#month |
 * | voucher | MEMBER#id | VOUCHER#id |
 * | usableVouchers | MEMBER#id | USABLE |
 * | voucherCode | VOUCHER#keyed hash | VOUCHER |
 * | due | DUE#date#shard, or bonus#month-day#shard | member, member#REFERRAL, #PROOF or #JOIN, or exception id |
 * | night | NIGHT | NIGHT |
 * | list (a partition that a night has to ask) | LISTS | its name, or ALL |
 * | allotmentPool (of a campaign's budget, or a reward) | POOL#campaign or reward#id | POOL |
 * | allotmentShard | ALLOTMENT#campaign or reward#id#group | SHARD#shard |
 * | budget (before there were pools) | BUDGET#campaign#shard | BUDGET |
 * | appleLog | APPLELOG#date | ULID |
 * | turn | TURN#name | TURN |
 * | nonce | NONCE#sender#hash | NONCE |
 * | idempotency | IDEMPOTENCY#keyed hash | IDEMPOTENCY |
 * | answer (to a request with a key, about its member) | MEMBER#id | ANSWER#keyed hash |
 * | redemption | REDEMPTION#id | REDEMPTION |
 * | spent (what was spent on a purchase) | PURCHASE#id | SPENT#id |
 * | rewardCount | MEMBER#id | REWARD#reward |
 * | tally (before there were pools) | TALLY#reward#shard | TALLY |
 * | guesses | GUESSES#caller | GUESSES |
 * | rate (how often something was done of late) | RATE#what#keyed hash | RATE |
 * | confirmation (a link that was sent to a contact) | CONFIRM#keyed hash | CONFIRM |
 * | switch | SWITCH#name | SWITCH |
 * | audit | AUDIT | audit id |
 * | adjustment | ADJUSTMENT#waiting or decided | adjustment id |
 * | erasedContact (was a member's who left) | ERASED#keyed hash | ERASED |
 * | openErasure (has still something to remove) | ERASURE | member |
 */
import type { Account, Entry, Lot } from '../../core/account.ts';
import type { YearlyBonus } from '../../core/bonuses.ts';
import type { Channel } from '../../core/channels.ts';
import type { DeadLetterConsumer } from '../../core/contract/events.ts';
import {
  type AdjustmentId,
  type AuditId,
  base32Value,
  type ChannelId,
  type EntryId,
  type ExceptionId,
  type KeyId,
  type MemberId,
  type PurchaseId,
  type RedemptionId,
  type RefundId,
  type VoucherId,
} from '../../core/contract/ids.ts';
import type { AdjustmentAnswer } from '../../core/contract/shapes/adjustment.ts';
import type { ExceptionAnswer, ExceptionType } from '../../core/contract/shapes/exception.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import type { ProgramDocument } from '../../core/program.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import type { MatchedPart, ReturnLine } from '../../core/returns.ts';
import type { ContactHold } from '../../core/security.ts';
import type { OrderState } from '../../core/settlement.ts';
import type { Item, Key } from './store.ts';
import { listenersOf, restored, stored } from './stored.ts';

/** The name of the table's time-to-live attribute, in epoch seconds. */
export const ttlAttribute = 'ttl';

const memberPk = (memberId: string) => `MEMBER#${memberId}`;
const devicePk = (device: string) => `DEVICE#${device}`;

/** Where the versions of the programme stand, by their numbers. */
export const programPk = 'PROGRAM';
export const programVersionPrefix = 'VERSION#';
const channelsPk = 'CHANNELS';
export const channelHealthPrefix = 'HEALTH#';

export const keys = {
  account: (memberId: MemberId): Key => ({ pk: memberPk(memberId), sk: 'ACCOUNT' }),
  profile: (memberId: MemberId): Key => ({ pk: memberPk(memberId), sk: 'PROFILE' }),
  entry: (memberId: MemberId, sequence: number): Key => ({
    pk: memberPk(memberId),
    sk: `${entryPrefix}${String(sequence).padStart(12, '0')}`,
  }),
  applePass: (memberId: MemberId): Key => ({ pk: memberPk(memberId), sk: 'APPLE' }),
  googlePass: (memberId: MemberId): Key => ({ pk: memberPk(memberId), sk: 'GOOGLE' }),
  googleClass: { pk: 'GOOGLE', sk: 'CLASS' } as Key,
  samsungPass: (memberId: MemberId): Key => ({ pk: memberPk(memberId), sk: 'SAMSUNG' }),
  walletHolder: (memberId: MemberId): Key => ({
    pk: walletHoldersPk(memberShard(memberId)),
    sk: memberId,
  }),
  memberDevice: (memberId: MemberId, device: string): Key => ({
    pk: memberPk(memberId),
    sk: `${devicePrefix}${device}`,
  }),
  devicePass: (device: string, memberId: MemberId): Key => ({
    pk: devicePk(device),
    sk: `${passPrefix}${memberId}`,
  }),
  device: (device: string): Key => ({ pk: devicePk(device), sk: 'DEVICE' }),
  lookup: (kind: LookupKind, hash: string): Key => ({ pk: `LOOKUP#${kind}#${hash}`, sk: 'LOOKUP' }),
  entryOwner: (tail: string): Key => ({ pk: `LOOKUP#entry#${tail}`, sk: 'LOOKUP' }),
  purchase: (id: PurchaseId): Key => ({ pk: `PURCHASE#${id}`, sk: 'PURCHASE' }),
  refund: (id: RefundId): Key => ({ pk: `REFUND#${id}`, sk: 'REFUND' }),
  order: (id: PurchaseId): Key => ({ pk: `ORDER#${id}`, sk: 'ORDER' }),
  channelEvents: (id: PurchaseId, number: number): Key => ({ pk: `ORDER#${id}`, sk: `EVENTS#${number}` }),
  exception: (id: ExceptionId, status: ExceptionAnswer['status']): Key => ({
    pk: exceptionPk(status, exceptionShard(id)),
    sk: id,
  }),
  exceptionOfType: (id: ExceptionId, type: ExceptionType, status: ExceptionAnswer['status']): Key => ({
    pk: exceptionTypePk(status, type, exceptionShard(id)),
    sk: id,
  }),
  exceptionOfMember: (id: ExceptionId, memberId: MemberId): Key => ({
    pk: memberPk(memberId),
    sk: `${exceptionPrefix}${id}`,
  }),
  exceptionOfContact: (id: ExceptionId, hash: string): Key => ({ pk: contactPk(hash), sk: id }),
  exceptionIndex: { pk: 'EXCEPTIONS', sk: 'INDEX' } as Key,
  programVersion: (version: number): Key => ({
    pk: programPk,
    sk: `${programVersionPrefix}${String(version).padStart(8, '0')}`,
  }),
  currentProgram: { pk: programPk, sk: 'CURRENT' } as Key,
  credential: (hash: string): Key => ({ pk: `KEY#${hash}`, sk: 'KEY' }),
  keyIndex: (keyId: KeyId): Key => ({ pk: keysPk, sk: keyId }),
  channels: { pk: channelsPk, sk: 'CHANNELS' } as Key,
  channelHealth: (id: ChannelId): Key => ({ pk: channelsPk, sk: `${channelHealthPrefix}${id}` }),
  voucher: (memberId: MemberId, voucherId: VoucherId): Key => ({
    pk: memberPk(memberId),
    sk: `${voucherPrefix}${voucherId}`,
  }),
  referral: (newcomerId: MemberId): Key => ({ pk: memberPk(newcomerId), sk: 'REFERRAL' }),
  brought: (referrerId: MemberId, newcomerId: MemberId): Key => ({
    pk: memberPk(referrerId),
    sk: `${broughtPrefix}${newcomerId}`,
  }),
  referralCount: (referrerId: MemberId, month: string): Key => ({
    pk: memberPk(referrerId),
    sk: `REFERRED#${month}`,
  }),
  usableVouchers: (memberId: MemberId): Key => ({ pk: memberPk(memberId), sk: 'USABLE' }),
  voucherCode: (hash: string): Key => ({ pk: `VOUCHER#${hash}`, sk: 'VOUCHER' }),
  due: (day: string, memberId: MemberId): Key => ({ pk: keys.duePk(day, dueShard(memberId)), sk: memberId }),
  dueReferral: (day: string, memberId: MemberId): Key => ({
    pk: keys.duePk(day, dueShard(memberId)),
    sk: `${memberId}${dueReferralSuffix}`,
  }),
  dueProof: (day: string, memberId: MemberId): Key => ({
    pk: keys.duePk(day, dueShard(memberId)),
    sk: `${memberId}${dueProofSuffix}`,
  }),
  dueTaken: (day: string, memberId: MemberId): Key => ({
    pk: keys.duePk(day, dueShard(memberId)),
    sk: `${memberId}${dueTakenSuffix}`,
  }),
  dueJoin: (day: string, memberId: MemberId): Key => ({
    pk: keys.duePk(day, dueShard(memberId)),
    sk: `${memberId}${dueJoinSuffix}`,
  }),
  dueException: (day: string, id: ExceptionId): Key => ({ pk: keys.duePk(day, dueShard(id)), sk: id }),
  duePk: (day: string, shard: number): string => `${duePrefix}${day}#${shard}`,
  yearly: (bonus: YearlyBonus, monthDay: string, memberId: MemberId): Key => ({
    pk: keys.yearlyPk(bonus, monthDay, memberShard(memberId)),
    sk: memberId,
  }),
  yearlyPk: (bonus: YearlyBonus, monthDay: string, shard: number): string =>
    `${bonus.toUpperCase()}#${monthDay}#${shard}`,
  night: { pk: 'NIGHT', sk: 'NIGHT' } as Key,
  list: (partition: string): Key => ({ pk: listsPk, sk: partition }),
  allotmentPool: (of: 'campaign' | 'reward', id: string): Key => ({ pk: `POOL#${of}#${id}`, sk: 'POOL' }),
  allotmentShard: (of: 'campaign' | 'reward', id: string, shard: number): Key => ({
    pk: keys.allotmentGroupPk(of, id, Math.floor((shard * allotmentGroups) / allotmentShards)),
    sk: `SHARD#${String(shard).padStart(2, '0')}`,
  }),
  allotmentGroupPk: (of: 'campaign' | 'reward', id: string, group: number): string =>
    `ALLOTMENT#${of}#${id}#${group}`,
  budget: (campaignId: string, shard: number): Key => ({ pk: `BUDGET#${campaignId}#${shard}`, sk: 'BUDGET' }),
  idempotency: (hash: string): Key => ({ pk: `IDEMPOTENCY#${hash}`, sk: 'IDEMPOTENCY' }),
  answer: (memberId: MemberId, hash: string): Key => ({
    pk: memberPk(memberId),
    sk: `${answerPrefix}${hash}`,
  }),
  redemption: (id: RedemptionId): Key => ({ pk: `REDEMPTION#${id}`, sk: 'REDEMPTION' }),
  spent: (purchaseId: PurchaseId, id: RedemptionId | VoucherId): Key => ({
    pk: `PURCHASE#${purchaseId}`,
    sk: `${spentPrefix}${id}`,
  }),
  rewardCount: (memberId: MemberId, rewardId: string): Key => ({
    pk: memberPk(memberId),
    sk: `REWARD#${rewardId}`,
  }),
  tally: (rewardId: string, shard: number): Key => ({ pk: `TALLY#${rewardId}#${shard}`, sk: 'TALLY' }),
  guesses: (caller: string): Key => ({ pk: `GUESSES#${caller}`, sk: 'GUESSES' }),
  rate: (what: string, hash: string): Key => ({ pk: `RATE#${what}#${hash}`, sk: 'RATE' }),
  confirmation: (hash: string): Key => ({ pk: `CONFIRM#${hash}`, sk: 'CONFIRM' }),
  switch: (name: string): Key => ({ pk: `SWITCH#${name}`, sk: 'SWITCH' }),
  audit: (id: AuditId): Key => ({ pk: auditPk, sk: id }),
  adjustment: (id: AdjustmentId, place: AdjustmentPlace): Key => ({ pk: adjustmentPk(place), sk: id }),
  deadLetter: (consumer: DeadLetterConsumer, id: ExceptionId): Key => ({
    pk: deadLetterPk,
    sk: `${consumer}#${id}`,
  }),
  erasedContact: (hash: string): Key => ({ pk: `ERASED#${hash}`, sk: 'ERASED' }),
  openErasure: (memberId: MemberId): Key => ({ pk: openErasurePk, sk: memberId }),
  appleLog: (date: string, ulid: string): Key => ({ pk: `APPLELOG#${date}`, sk: ulid }),
  turn: (name: string): Key => ({ pk: `TURN#${name}`, sk: 'TURN' }),
  nonce: (sender: string, hash: string): Key => ({ pk: `NONCE#${sender}#${hash}`, sk: 'NONCE' }),
} as const;

/** The member in whose partition a key lies; undefined for every other partition. */
export function memberOf({ pk }: Key): MemberId | undefined {
  return pk.startsWith(memberPk('')) ? (pk.slice(memberPk('').length) as MemberId) : undefined;
}

/** The number of the shard of a budget that is stored under a key. */
export function allotmentShardOf({ sk }: Key): number {
  return Number(sk.slice('SHARD#'.length));
}

/** The sequence under which an entry is stored, whatever the entry itself says. */
export function sequenceOf({ sk }: Key): number {
  return Number(sk.slice(entryPrefix.length));
}

export const entryPrefix = 'ENTRY#';
export const devicePrefix = 'DEVICE#';
export const passPrefix = 'PASS#';
export const voucherPrefix = 'VOUCHER#';
export const answerPrefix = 'ANSWER#';
export const spentPrefix = 'SPENT#';
export const broughtPrefix = 'BROUGHT#';
export const auditPk = 'AUDIT';
export const listsPk = 'LISTS';
export const keysPk = 'KEYS';
export const deadLetterPk = 'DEADLETTERS';
export const openErasurePk = 'ERASURE';
export const exceptionPrefix = 'EXCEPTION#';
export const duePrefix = 'DUE#';
export const dueReferralSuffix = '#REFERRAL';
export const dueProofSuffix = '#PROOF';
export const dueTakenSuffix = '#TAKEN';
export const dueJoinSuffix = '#JOIN';
export const exceptionShards = 8;
/**
 * How many takes of a budget or a limited reward can be under way at one moment without meeting: each shard is an item
 * of its own. They lie in partitions of their own by groups, since a partition has 1,000 write units a second.
 */
export const allotmentShards = 64;
export const allotmentGroups = 8;
/** So many items counted what was taken before there were pools. */
export const tallyShardsBefore = 8;
/**
 * Every purchase lists its member under the day on which its points can be spent, so a whole day's purchases write
 * into that day's partitions. Items of before lie in the first eight, where they are found like any other.
 */
export const dueShards = 32;

/** The day that a partition of what falls due is of. */
export function dueDayOf(pk: string): string {
  return pk.slice(duePrefix.length).split('#')[0] ?? '';
}

export const memberShards = 8;
export const walletHolderShards = memberShards;

export function walletHoldersPk(shard: number): string {
  return `WALLETS#${shard}`;
}

/** The shard of a member in lists that only few come to at a time. */
export function memberShard(memberId: MemberId): number {
  return memberId.charCodeAt(memberId.length - 1) % memberShards;
}

/** The last character of a ULID is as good as random, and one of thirty-two. */
function dueShard(id: MemberId | ExceptionId): number {
  return base32Value(id.at(-1) ?? '');
}

/** What is dismissed lies among the resolved: one that resolves itself later takes its place there. */
export function exceptionPk(status: ExceptionAnswer['status'], shard: number): string {
  return `EXCEPTION#${status === 'open' ? 'open' : 'resolved'}#${shard}`;
}

/** Unlike the exceptions themselves, apart for what is dismissed. */
export function exceptionTypePk(
  status: ExceptionAnswer['status'],
  type: ExceptionType,
  shard: number,
): string {
  return `EXCEPTION#${status}#${type}#${shard}`;
}

export function contactPk(hash: string): string {
  return `CONTACT#${hash}`;
}

export type AdjustmentPlace = 'waiting' | 'decided';

export function adjustmentPk(place: AdjustmentPlace): string {
  return `ADJUSTMENT#${place}`;
}

/** The last character of a ULID is as good as random, so the exceptions spread evenly. */
function exceptionShard(id: ExceptionId): number {
  return id.charCodeAt(id.length - 1) % exceptionShards;
}

export type LookupKind = 'cardNumber' | 'email' | 'phone' | 'cardToken' | 'referralCode';

export interface Profile {
  readonly memberId: MemberId;
  readonly revision: number;
  /** Drawn when the member joined: it is the person's like an address, and goes when they leave. */
  readonly cardNumber: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly birthday: string | null;
  readonly locale: string;
  readonly consents: Readonly<Record<string, { readonly granted: boolean; readonly at: string }>>;
  /** What the member gave when joining. */
  readonly referralCode: string | null;
  /** Keyed hashes of the newest contacts that were the member's before: they are theirs to have forgotten, too. */
  readonly formerContacts: readonly string[];
  /** What has to stay of the points for a while, since a contact was replaced or given by the card. */
  readonly contactHold?: ContactHold;
  /** Of who came by the public page: nobody who sells has seen them. */
  readonly joined?: 'public';
  /** How contacts are known to be the member's, where that is not because a channel or an operator said so. */
  readonly proofs?: Readonly<Partial<Record<'email' | 'phone', ContactProof>>>;
  /** Since they were merged into another member. */
  readonly merged?: {
    readonly into: MemberId;
    /** Whether what names them, and their card, lead there. */
    readonly leads: boolean;
    /** What the other one took over. */
    readonly gave: readonly ('name' | 'email' | 'phone' | 'birthday')[];
    /** The other's consents before. */
    readonly consents: Profile['consents'];
  };
}

export interface ContactProof {
  readonly status: 'confirmed' | 'unconfirmed';
  /** When it was given, or confirmed. */
  readonly at: string;
  /** Whether it leads to the member: not where it was another's already, nor one of two before it is confirmed. */
  readonly held: boolean;
  /** Whether it was given by the card alone: whoever holds that may be somebody else. */
  readonly byCard?: true;
}

/** A link that was sent to a contact: whoever has it can read what comes there. */
export interface Confirmation {
  readonly memberId: MemberId;
  readonly kind: 'email' | 'phone';
  /** The contact's keyed hash: a link is no proof of one that came since. */
  readonly contact: string;
  /** RFC 3339; the table's TTL only sweeps. */
  readonly expiresAt: string;
  /** Whether it was given by the card alone. */
  readonly byCard?: true;
  /** Whose the contact turned out to be, once it was used. */
  readonly ledTo?: MemberId;
  readonly revision: number;
}

/** When something was done of late. */
export interface Rate {
  readonly at: readonly string[];
  /** For what it was done last: the same once more is not one more. */
  readonly last?: string;
  readonly revision: number;
}

export interface Lookup {
  readonly memberId: MemberId;
}

/** What came before its purchase. */
export interface AwaitedPurchase {
  readonly purchaseId: PurchaseId;
  readonly revision: number;
  /** Refunds, in the order in which they came. */
  readonly refundIds: readonly RefundId[];
  /** The currencies of amounts that vouchers and rewards took off it. */
  readonly currencies?: readonly string[];
}

/** An order of a shop, as far as it was told. */
export interface StoredOrder {
  readonly state: OrderState;
  readonly revision: number;
}

/** What the outbox puts on the bus as it stands: written with whatever it follows from, and swept soon after. */
export interface ChannelEvents {
  readonly events: readonly {
    readonly source: string;
    readonly name: string;
    readonly detail: unknown;
  }[];
}

export type RefundStatus = 'applied' | 'waiting' | 'unmatched' | 'partially_matched' | 'rejected';

export interface RefundRecord {
  readonly refundId: RefundId;
  readonly refund: RecordedRefund;
  readonly contentHash: string;
  readonly revision: number;
  readonly status: RefundStatus;
  /** The purchases that it is of, or that it was matched to. */
  readonly purchaseIds: readonly PurchaseId[];
  readonly memberId: MemberId | null;
  readonly recordedAt: string;
  readonly clawedBack: number;
  readonly debt: number;
  /** Of a return without receipt: what it took from which purchase, to be replayed. */
  readonly matched?: readonly { readonly purchaseId: PurchaseId; readonly lines: readonly MatchedPart[] }[];
  /** Of a return that is still being matched, step by step: the lines that are open. */
  readonly rest?: readonly ReturnLine[];
}

export interface StoredProgram {
  readonly version: number;
  readonly document: ProgramDocument;
  readonly putAt: string;
  /** The id of the operator's key, and the name that it had; versions of before have no name. */
  readonly putBy: string;
  readonly putByName?: string;
  /** The version whose content this one has again. */
  readonly restores?: number;
}

/** A caller's credential; the secret itself is nowhere. */
export interface Credential {
  readonly keyId: KeyId;
  readonly name: string;
  readonly role: 'channel' | 'ops';
  readonly channel: ChannelId | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  /**
   * The first of the keys that followed one another by rotation: who holds them is one and the same. Or the person who
   * made an operator's key, and so has read it.
   */
  readonly holder: string;
}

/** The channels that operators have added or changed; the others are as they were at the beginning. */
export interface StoredChannels {
  readonly channels: readonly Channel[];
  readonly revision: number;
}

/** What a channel's shop has delivered of late. */
export interface ChannelHealth {
  readonly channel: ChannelId;
  readonly lastDeliveryAt: string;
}

/** A key among all keys, where it is found by its id. */
export interface KeyIndex extends Credential {
  /** Of its text: where the credential lies. */
  readonly hash: string;
  readonly revision: number;
}

export interface Registration {
  readonly memberId: MemberId;
  readonly device: string;
  readonly passType: string;
  readonly pushToken: string;
  /** Epoch milliseconds: a rejected push token is forgotten only if it was not registered again since. */
  readonly registeredAt: number;
  /** Epoch seconds, once the member has left: the phone is forgotten then at the latest. */
  readonly until?: number;
}

/** A pass as one device knows it: the tag of its newest change. */
export interface DevicePass {
  readonly memberId: MemberId;
  readonly device: string;
  readonly passType: string;
  readonly tag: number;
  /** The card version that the tag stands for. */
  readonly version: number;
  /** As of its registration. */
  readonly until?: number;
  /** Whether the device was told that this pass of somebody who has left has changed. */
  readonly told?: boolean;
}

/** The device's own counter of changes: what makes its tags strictly monotonic. */
export interface Device {
  readonly device: string;
  readonly revision: number;
  readonly tag: number;
  /** Epoch seconds, where every pass on it is of somebody who has left. */
  readonly until?: number;
}

/** A version of a card, and when this was first so. */
export interface NotedVersion {
  readonly version: number;
  readonly at: string;
}

/** What is known of a member's pass, whichever phones have it: a fetch does not say which phone fetches. */
export interface ApplePass {
  readonly memberId: MemberId;
  readonly revision: number;
  /** The oldest version that anybody can have: the one that was downloaded first. */
  readonly first: number | null;
  /** The newest version that every registered phone was told of, as Apple's push service said. */
  readonly told: NotedVersion | null;
  /** The newest version that was fetched, by the card's link or by a phone. */
  readonly fetched: NotedVersion | null;
  /** The version that phones are being told of, or were last, since when and by whom; absent before the first. */
  readonly telling?: NotedVersion & { readonly by: string };
}

/** Somebody to look at when cards are compared with the ledger. */
export interface WalletHolder {
  readonly memberId: MemberId;
}

/** What a wallet's maker says of a card: nothing yet since its link was given out, saved, or deleted. */
export type KeptState = 'offered' | 'saved' | 'deleted';

export interface GooglePass {
  readonly memberId: MemberId;
  readonly revision: number;
  readonly objectId: string;
  /** The newest card version that Google was given. */
  readonly version: number;
  /** True when a write ended so that Google may show an older one all the same. */
  readonly doubted: boolean;
  readonly state: KeptState;
  /** When it came to be so. */
  readonly stateAt: string;
  /** The expiry, epoch milliseconds, of the message that said so: a message of before changes nothing. */
  readonly messageUntil: number;
  /** When phones were shown a notice, epoch milliseconds; only those of the last day matter. */
  readonly notices: readonly number[];
  /**
   * As long as only its link was given out: Google makes the object of what the link says when it is used, and
   * `version` is that of the oldest link.
   */
  readonly unused?: true;
}

/** What Google's class of the programme was last written with. */
export interface GoogleClass {
  readonly revision: number;
  readonly hash: string;
}

export interface SamsungPass {
  readonly memberId: MemberId;
  readonly revision: number;
  /** The newest card version that Samsung was told of. */
  readonly version: number;
  /** The newest that it has: it came with the link, or Samsung fetched it. Absent where nobody noted it. */
  readonly fetched?: number;
  readonly state: KeptState;
  readonly stateAt: string;
  /** When Samsung signed what said so, epoch milliseconds: what was signed before changes nothing. */
  readonly signedAt: number;
  /** As Samsung gave them with the card: a country code, and where to send updates; null for the usual one. */
  readonly countryCode: string;
  readonly callback: string | null;
}

/** A place in a queue that many instances share: whoever changes it has the turn. */
export interface Turn {
  readonly revision: number;
}

/** A message that was taken once. */
export interface Nonce {
  readonly at: string;
}

/** A member to look at: what is due is in the account. */
export interface DueItem {
  /** Absent for an exception, which holds somebody's contacts until then. */
  readonly memberId?: MemberId;
  /** It is the referral that brought the member, not the account, that something is due for. */
  readonly referral?: true;
  /** Who has the contact by now by which this member, who had no proof of it, has gathered what is theirs. */
  readonly takenBy?: MemberId;
  /** Who joined by the public page and has this version still, in no wallet and unconfirmed, has not come. */
  readonly joined?: number;
}

/** Where to find an exception. */
export interface ExceptionPlace {
  readonly exceptionId: ExceptionId;
}

/** The partitions of exceptions whose older ones have their places by now. */
export interface ExceptionIndex {
  readonly done: readonly string[];
  readonly revision: number;
}

/** Who brought a newcomer, and what was paid for it. */
export interface Referral {
  readonly newcomerId: MemberId;
  /** Null once the referrer has left. */
  readonly referrerId: MemberId | null;
  readonly revision: number;
  readonly status: 'waiting' | 'paid' | 'refused';
  /** Why it is refused. */
  readonly reason: string | null;
  /** How far the newcomer's entries were looked at, and which purchases among those may come to count. */
  readonly seen?: {
    readonly sequence: number;
    /** What a purchase had to come to then, by currency; one number for all of them in items of before. */
    readonly minimumMinor: number | Readonly<Record<string, number>>;
    readonly candidates: readonly PurchaseId[];
  };
  readonly paid: {
    readonly purchaseId: PurchaseId;
    readonly at: string;
    readonly month: string;
    readonly minimumMinor: number;
    readonly referrer: number;
    readonly referee: number;
  } | null;
  /** Of one that ended because its two sides were merged: what was paid until then. */
  readonly asOne?: { readonly paid: Referral['paid'] };
}

/** Somebody whom a member has brought. */
export interface Brought {
  readonly newcomerId: MemberId;
}

/** How many referrals of a member were paid in a month. */
export interface ReferralCount {
  readonly referrerId: MemberId;
  readonly month: string;
  readonly count: number;
  readonly revision: number;
}

export interface Voucher {
  readonly voucherId: VoucherId;
  readonly memberId: MemberId;
  readonly rewardId: string;
  readonly revision: number;
  /** The version of the programme whose reward it is. */
  readonly programVersion: number;
  /** The stamp card that paid for it, and with how many stamps; null where points did, or nobody. */
  readonly stampId: string | null;
  readonly stamps: number;
  /** The redemption that paid for it. */
  readonly redemptionId: RedemptionId | null;
  /** Null once it is revoked, or its member has left. */
  readonly code: string | null;
  readonly status: 'issued' | 'used' | 'revoked';
  readonly uses: number;
  /** Null for as often as one likes. */
  readonly usesMax: number | null;
  readonly issuedAt: string;
  readonly expiresAt: string | null;
  /** The entry that last changed it. */
  readonly entryId: EntryId;
}

/** A member's usable vouchers, soonest to end first; see ledger/store/usable.ts. */
export interface UsableVouchers {
  readonly vouchers: readonly Pick<Voucher, 'voucherId' | 'expiresAt'>[];
  /** Whether there were more than are listed, with later ends. */
  readonly isCut: boolean;
  readonly revision: number;
}

/** Where a code leads. */
export interface VoucherCode {
  readonly memberId: MemberId;
  readonly voucherId: VoucherId;
}

/** Under which budget something lies where it lies. */
export interface AllotmentTerms {
  /** Null where there is no end. */
  readonly budget: number | null;
  /** The version of the programme that said so. */
  readonly version: number;
  /** Whether everything is in the pool. */
  readonly isPooled: boolean;
}

/** See ledger/spending/allotments.ts. */
export interface AllotmentShard extends AllotmentTerms {
  /** What was taken here, less what came back: below zero where more came back than was taken here. */
  readonly spent: number;
  /** What that cost, of a reward. */
  readonly points: number;
  /** What can be taken here. */
  readonly free: number;
  readonly revision: number;
}

export interface AllotmentPool extends AllotmentShard {
  /** Once everything is in the pool: how much that was. Below zero is `free` where more was taken than there is now. */
  readonly pooledAt: number;
}

/** One shard of a campaign's budget as it was before there were pools: how much of it was given. */
export interface BudgetShard {
  readonly campaignId: string;
  readonly spent: number;
  readonly revision: number;
}

/** How far the nights have come. */
export interface NightState {
  readonly day: string;
}

/** The first answer to a request that carried a key, kept for those that repeat it. */
export interface IdempotencyRecord {
  readonly fingerprint: string;
  readonly answer: { readonly status: number; readonly body: unknown };
  /** Whom the answer is about: its body is then kept with the member. */
  readonly about?: MemberId;
  /** RFC 3339; the table's TTL only sweeps. */
  readonly expiresAt: string;
  readonly revision: number;
}

export interface RedemptionRecord {
  readonly redemptionId: RedemptionId;
  readonly revision: number;
  readonly memberId: MemberId;
  readonly rewardId: string;
  /** The version of the programme that it was promised under. */
  readonly programVersion: number;
  readonly points: number;
  /** A hold that has just run out is still `authorized` here for a moment: the account tells. */
  readonly status: 'authorized' | 'captured' | 'cancelled' | 'expired';
  /** The channel that asked for it; null for an operator. */
  readonly channel: ChannelId | null;
  readonly createdAt: string;
  /** When the hold ends; null where there was none. */
  readonly expiresAt: string | null;
  readonly purchaseId: PurchaseId | null;
  /** What came of it: of a bundle several, of a donation or on a purchase none. */
  readonly voucherIds: readonly VoucherId[];
  /** What it took from which lots. */
  readonly lots: readonly Lot[];
  /** Whether it is counted over all members: a reward that is limited, or a donation. */
  readonly tallied: boolean;
  /** Whether it is counted for its member. */
  readonly counted: boolean;
}

/** What was spent on a purchase: a redemption, or the uses of a voucher. */
export interface SpentLink {
  readonly redemptionId: RedemptionId | null;
  readonly voucherId: VoucherId | null;
  readonly memberId: MemberId;
  /** How often the voucher was used on it. Absent where once, and from links of before. */
  readonly uses?: number;
  /** Whether the purchase was given back, and this with it. */
  readonly returned: boolean;
  readonly revision: number;
}

/** How often a member has a reward that is limited for each. */
export interface RewardCount {
  readonly rewardId: string;
  readonly count: number;
  readonly revision: number;
}

/** One shard of what all members together have of a reward, as it was before there were pools. */
export interface Tally {
  readonly rewardId: string;
  readonly count: number;
  readonly points: number;
  readonly revision: number;
}

/** A caller's wrong voucher codes of late. */
export interface Guesses {
  readonly wrongAt: readonly string[];
  readonly blockedUntil: string | null;
  readonly revision: number;
}

export interface Switch {
  readonly name: string;
  readonly paused: boolean;
  readonly changedAt: string;
  readonly changedBy: string;
  readonly reason: string | null;
  readonly revision: number;
}

/** What an operator did that is no entry, with who and why. */
export interface Audit {
  readonly auditId: AuditId;
  readonly at: string;
  /** The operator's key and the name it was given, or the person who had signed in. */
  readonly keyId: string;
  readonly name: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
}

/** An adjustment and who asked for it, by whichever of their keys. */
export interface Adjustment extends AdjustmentAnswer {
  readonly holder: string;
}

/** What the exception of a dead letter holds. */
export interface DeadLetter {
  /** Who could not handle it: a consumer, the outbox, or what a schedule starts. */
  readonly consumer: string;
  /** The queue that it was left in; null for an entry that the outbox could not publish. */
  readonly queue: string | null;
  /** The queue by which it comes to its consumer again, or the bus for an entry; null where nothing leads back. */
  readonly sendTo: string | null;
  /** The text as it was received: what is sent again is the very same. */
  readonly body: string;
  /** How often it was received from the queue that it was left in. */
  readonly receiveCount: number;
  /** The entry that could not be published. */
  readonly entry?: { readonly memberId: MemberId; readonly sequence: number };
}

/** Where to find an open dead letter that can be sent again. */
export interface DeadLetterPlace {
  readonly consumer: DeadLetterConsumer;
  readonly exceptionId: ExceptionId;
}

/** A contact was the member's who left then: what comes late and names it is kept without it. */
export interface ErasedContact {
  readonly erasedAt: string;
  /** RFC 3339; the table's TTL only sweeps. */
  readonly expiresAt: string;
}

/** What is still to be removed of a member who has left, wherever else it was written down. */
export interface OpenErasure {
  readonly memberId: MemberId;
  readonly erasedAt: string;
  /** Keyed hashes of what named the person. */
  readonly contacts: readonly string[];
  /** The person's name, as it can be recognised; absent in those that were begun before names were looked for. */
  readonly names?: readonly { readonly hash: string; readonly lengths: readonly number[] }[];
}

export interface AppleLog {
  readonly at: string;
  readonly message: string;
}

/** Item type -> what it holds beside its key. */
export interface ItemTypes {
  account: Account;
  profile: Profile;
  entry: Entry;
  applePass: ApplePass;
  walletHolder: WalletHolder;
  googlePass: GooglePass;
  googleClass: GoogleClass;
  samsungPass: SamsungPass;
  turn: Turn;
  nonce: Nonce;
  registration: Registration;
  devicePass: DevicePass;
  device: Device;
  lookup: Lookup;
  purchase: PurchaseRecord;
  awaitedPurchase: AwaitedPurchase;
  refund: RefundRecord;
  order: StoredOrder;
  channelEvents: ChannelEvents;
  exception: ExceptionAnswer;
  exceptionPlace: ExceptionPlace;
  exceptionIndex: ExceptionIndex;
  program: StoredProgram;
  credential: Credential;
  keyIndex: KeyIndex;
  channels: StoredChannels;
  channelHealth: ChannelHealth;
  referral: Referral;
  brought: Brought;
  referralCount: ReferralCount;
  voucher: Voucher;
  usableVouchers: UsableVouchers;
  voucherCode: VoucherCode;
  due: DueItem;
  night: NightState;
  list: object;
  allotmentPool: AllotmentPool;
  allotmentShard: AllotmentShard;
  budget: BudgetShard;
  appleLog: AppleLog;
  idempotency: IdempotencyRecord;
  answer: { readonly body: unknown };
  redemption: RedemptionRecord;
  spent: SpentLink;
  rewardCount: RewardCount;
  tally: Tally;
  guesses: Guesses;
  rate: Rate;
  confirmation: Confirmation;
  switch: Switch;
  audit: Audit;
  adjustment: Adjustment;
  deadLetter: DeadLetterPlace;
  erasedContact: ErasedContact;
  openErasure: OpenErasure;
}
export type ItemType = keyof ItemTypes;

/** An item from its key, its type and what it holds. */
export function toItem<T extends ItemType>(key: Key, type: T, data: ItemTypes[T], ttl?: number): Item {
  return {
    pk: key.pk,
    sk: key.sk,
    item: type,
    ...(ttl === undefined ? {} : { ttl }),
    ...stored(type, data as object),
  };
}

/**
 * What an item holds.
 * @throws Error when the item is of another type: a key was mixed up
 */
export function fromItem<T extends ItemType>(item: Item, type: T): ItemTypes[T] {
  const { pk, sk, item: found, ttl: _ttl, ...data } = item;
  if (found !== type) throw new Error(`The item ${pk} ${sk} is of type ${found}, not ${type}.`);
  return restored(type, memberOf({ pk, sk }), data) as ItemTypes[T];
}

/** Who is to hear of an entry's item; undefined for one of before, of which everybody does. */
export function heardBy(item: Item): Account['listeners'] {
  return listenersOf(item['listeners'] as string | undefined);
}
