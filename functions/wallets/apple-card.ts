/** A member's card on iPhones: each phone that has it is told of changes, and comes for them. */
import type { Account } from '../../core/account.ts';
import type { LedgerDetail } from '../../core/contract/events.ts';
import type { MemberWallets } from '../../core/contract/shapes/wallet.ts';
import { getAccount, getApplePass, registrationsOf, touchPasses } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { loadApple } from './apple.ts';
import { tellAll } from './apple-tell.ts';
import { behindOf } from './behind.ts';

export const follows = 'apple-push';

/**
 * Marks the pass as changed on each device, then tells each phone once. An event that is not the newest entry's is
 * left to that entry's own: the queue delays events by seconds, so several changes within them become one push.
 */
export async function update(
  deps: Deps,
  { memberId, version, cause }: Pick<LedgerDetail, 'memberId' | 'version' | 'cause'>,
): Promise<void> {
  // There is no pass without what came with the enrolment.
  if (cause.type === 'enrolment') return;
  const account = await getAccount(deps.ledger, memberId);
  if (!account || account.version > version) return;
  const registrations = await touchPasses(deps.ledger, memberId, account.version, deps.now());
  if (registrations.length === 0) return;
  const { credentials } = await loadApple(deps);
  const ours = registrations.filter(({ passType }) => passType === credentials.passTypeIdentifier);
  // One phone may have registered under many device ids with one push token: it is told once.
  const groups = Map.groupBy(ours, ({ pushToken }) => pushToken);
  await tellAll(deps, account, groups);
}

export async function state(deps: Deps, account: Account): Promise<MemberWallets['apple']> {
  const [pass, registrations] = await Promise.all([
    getApplePass(deps.ledger, account.memberId),
    registrationsOf(deps.ledger, account.memberId),
  ]);
  const { told = null, fetched = null } = pass ?? {};
  const devices = registrations.length;
  const behind = devices === 0 ? null : await behindOf(deps, account, fetched?.version ?? 0);
  return { devices, told, fetched, behind };
}
