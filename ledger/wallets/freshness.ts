/** Cards against the ledger: since when one shows less than there is, and which were left behind. */
import type { Account } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { getAccount, getEntry } from '../members/members.ts';
import type { LedgerContext } from '../store/context.ts';
import {
  type ApplePass,
  type GooglePass,
  keys,
  type SamsungPass,
  walletHolderShards,
  walletHoldersPk,
} from '../store/items.ts';
import { getApplePass } from './apple-pass.ts';
import { registrationsOf } from './devices.ts';
import { getGooglePass } from './google.ts';
import { getSamsungPass } from './samsung.ts';

/** When the ledger left a version behind: at its next entry. Undefined while there is none. */
export async function supersededAt(
  context: LedgerContext,
  memberId: MemberId,
  version: number,
): Promise<string | undefined> {
  return (await getEntry(context, memberId, version + 1))?.recordedAt;
}

/** The version that every phone with an Apple pass has, or was told of. */
export function knownToPhones(pass: Pick<ApplePass, 'told' | 'first'> | undefined): number {
  return pass?.told?.version ?? pass?.first ?? 0;
}

export interface StaleCard {
  readonly memberId: MemberId;
  /** The newest version: the one to be told of again. */
  readonly version: number;
  readonly wallets: readonly Wallet[];
}
export type Wallet = 'apple' | 'google' | 'samsung';

/** The lists of those whose card some wallet has. */
export function walletHolderPartitions(): string[] {
  return Array.from({ length: walletHolderShards }, (_, shard) => walletHoldersPk(shard));
}

/**
 * A member's card, if a wallet was not told of it although there was time. A phone that was told and does not come is
 * no reason: it may be switched off.
 * @param since only versions that were left behind before, epoch milliseconds: younger ones are on their way
 */
export async function staleCard(
  context: LedgerContext,
  memberId: MemberId,
  since: number,
): Promise<StaleCard | undefined> {
  const [account, apple, google, samsung] = await Promise.all([
    getAccount(context, memberId),
    getApplePass(context, memberId),
    getGooglePass(context, memberId),
    getSamsungPass(context, memberId),
  ]);
  if (!account) return undefined;
  const behind: readonly (readonly [Wallet, number | undefined])[] = [
    ['apple', await appleBehind(context, account, apple)],
    ['google', googleBehind(account, google)],
    ['samsung', samsungBehind(account, samsung)],
  ];
  if (account.status === 'closed' && behind.every(([, version]) => version === undefined))
    // There will be no newer version. A delete that is lost is made the next time.
    await context.store.transact([{ delete: keys.walletHolder(memberId) }]);
  const wallets: Wallet[] = [];
  for (const [wallet, version] of behind) {
    if (version === undefined) continue;
    const at = await supersededAt(context, memberId, Math.min(version, account.version - 1));
    if (at !== undefined && Date.parse(at) < since) wallets.push(wallet);
  }
  return wallets.length === 0 ? undefined : { memberId, version: account.version, wallets };
}

/** Each of these answers the version that the wallet was told of last, where that is not the newest. */
async function appleBehind(
  context: LedgerContext,
  { memberId, version }: Account,
  pass: ApplePass | undefined,
): Promise<number | undefined> {
  const known = knownToPhones(pass);
  if (known >= version) return undefined;
  return (await registrationsOf(context, memberId)).length === 0 ? undefined : known;
}

function googleBehind({ version, status }: Account, pass: GooglePass | undefined): number | undefined {
  // Deleted from a phone, an object is still at Google: of somebody who left, it has to be emptied all the same.
  if (!pass || pass.unused || (pass.state === 'deleted' && status !== 'closed')) return undefined;
  return pass.version < version || pass.doubted ? pass.version : undefined;
}

function samsungBehind({ version }: Account, pass: SamsungPass | undefined): number | undefined {
  return pass?.state === 'saved' && pass.version < version ? pass.version : undefined;
}
