/** A member's card on iPhones: each phone that has it is told of changes, and comes for them. */
import type { Account } from '../../core/account.ts';
import type { LedgerDetail } from '../../core/contract/events.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { MemberWallets } from '../../core/contract/shapes/wallet.ts';
import {
  beginAppleTelling,
  getAccount,
  getApplePass,
  registrationsOf,
  touchPasses,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { loadApple } from './apple.ts';
import { tellAll } from './apple-tell.ts';
import { behindOf } from './behind.ts';

export const follows = 'apple-push';

/**
 * How far apart phones are told of two changes, at least. They are told that something changed, not what, so all that
 * comes within this time is one more push.
 */
const apartMs = 2000;
/** Each wait is one more push of somebody else's at most: what waits longer is given back to the queue. */
const waitsMax = 3;

/**
 * Marks the pass as changed on each device, then tells each phone once. The first change is told at once. One that
 * follows it closely waits until it may be told, with all that has come by then. An event that is not the newest
 * entry's is left to that entry's own, unless the newest is being told and is not told yet: whoever waited may have
 * begun that, and failed, after the newest one's own event had come, and left it to them.
 */
export async function update(
  deps: Deps,
  { memberId, version, cause }: Pick<LedgerDetail, 'memberId' | 'version' | 'cause'>,
): Promise<void> {
  // There is no pass without what came with the enrolment.
  if (cause.type === 'enrolment') return;
  const account = await mayTell(deps, memberId, version);
  if (!account) return;
  const registrations = await touchPasses(deps.ledger, memberId, account.version, deps.now());
  if (registrations.length === 0) return;
  const { credentials } = await loadApple(deps);
  const ours = registrations.filter(({ passType }) => passType === credentials.passTypeIdentifier);
  // One phone may have registered under many device ids with one push token: it is told once.
  const groups = Map.groupBy(ours, ({ pushToken }) => pushToken);
  await tellAll(deps, account, groups);
}

/**
 * @returns the account as it is to be told; undefined when there is nothing to tell, or somebody else will
 * @throws Error when it has to be tried again
 */
async function mayTell(deps: Deps, memberId: MemberId, version: number): Promise<Account | undefined> {
  for (let wait = 0; wait <= waitsMax; wait++) {
    const account = await getAccount(deps.ledger, memberId);
    if (!account) return undefined;
    // Who has waited tells of what has come meanwhile, or a member who never rests would never be told.
    if (wait === 0 && account.version > version && !(await isBeingTold(deps, account))) return undefined;
    const telling = await beginAppleTelling(deps.ledger, memberId, account.version, deps.now(), apartMs);
    switch (telling.type) {
      case 'begun':
        return account;
      case 'known':
        return undefined;
      case 'early':
        // Here and not in the queue: few members change twice within seconds, and a second later costs a second.
        await deps.sleep(telling.waitMs);
    }
  }
  throw new Error('Others keep telling the phones, so the change comes again later.');
}

/** Whether somebody has begun to tell the phones of the newest version, done or not. */
async function isBeingTold(deps: Deps, { memberId, version }: Account): Promise<boolean> {
  return (await getApplePass(deps.ledger, memberId))?.telling?.version === version;
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
