/** A member's card at Google: its link, and the object that follows the ledger once the link was used. */
import type { Account, Entry } from '../../core/account.ts';
import type { CardView } from '../../core/card.ts';
import type { LedgerDetail } from '../../core/contract/events.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { MemberWallets } from '../../core/contract/shapes/wallet.ts';
import type { Program } from '../../core/program.ts';
import {
  doubtGooglePass,
  type GooglePass,
  getGooglePass,
  LedgerUnavailable,
  listEntries,
  type Member,
  noteGooglePass,
  offerGoogle,
} from '../../ledger/ledger.ts';
import { loyaltyObject, objectIdOf, saveLink, type WriteOutcome } from '../../passes/google/index.ts';
import type { Deps } from '../deps.ts';
import { cardView, linksOf, linksOfCard, walletView } from '../members/present.ts';
import { behindOf, keptState } from './behind.ts';
import {
  attemptsMax,
  failureOf,
  forgetClass,
  type GoogleWallet,
  keepClass,
  loadGoogle,
  needClass,
} from './google.ts';
import { measureLag } from './lag.ts';

export const follows = 'google-update';

/** Brings the object to the newest version. Of a version that Google was given already nothing else is asked. */
export async function update(
  deps: Deps,
  { memberId, version }: Pick<LedgerDetail, 'memberId' | 'version'>,
): Promise<void> {
  const pass = await getGooglePass(deps.ledger, memberId);
  if (!pass || (pass.version >= version && !pass.doubted)) return;
  const program = await deps.program();
  if (!program) throw new LedgerUnavailable('throttled', 'No programme is in force yet');
  await updateGoogle(deps, program, memberId, pass);
}

export async function state(deps: Deps, account: Account): Promise<MemberWallets['google']> {
  const pass = await getGooglePass(deps.ledger, account.memberId);
  if (!pass) return null;
  const isShown = !pass.unused && pass.state !== 'deleted';
  const behind = isShown ? await behindOf(deps, account, pass.version) : null;
  return { ...keptState(pass), doubted: pass.doubted, behind };
}

/**
 * The link that saves a member's card. It costs Google no request: the card is in the link, and what is not, or
 * changes before it is used, follows when Google says that it was.
 * @returns undefined for somebody who has left
 */
export async function googleLink(deps: Deps, program: Program, member: Member): Promise<string | undefined> {
  const wallet = await loadGoogle(deps);
  const { credentials } = wallet;
  await needClass(deps, program, wallet);
  const view = await cardView(deps, program, member);
  const object = loyaltyObject(view, linksOf(deps, view.memberId), credentials.issuerId);
  const origins = [new URL(deps.publicUrl).origin];
  const { url, isWhole } = saveLink({ credentials, object, origins, now: deps.now() });
  const { memberId, version } = view;
  const offer = { memberId, objectId: object.id, version, isWhole };
  return (await offerGoogle(deps.ledger, offer, deps.now())) ? url : undefined;
}

/** Google shows a pass's holder three notices in 24 hours. */
const noticesMax = 3;
const noticesMs = 24 * 3_600_000;
/** One update brings a few entries; beyond these, what they would tell is old. */
const entriesMax = 50;

/** Whether an entry is worth one of the few notices: points gained, or another tier. */
export function isWorthANotice({ type, tier }: Pick<Entry, 'type' | 'tier'>): boolean {
  return type === 'earned' || type === 'bonus' || type === 'tier_reviewed' || tier !== undefined;
}

/** Whether the holder is told of an update: by what it brings, whichever event it was that led to it. */
async function wantsNotice(deps: Deps, shown: GooglePass, version: number): Promise<boolean> {
  if (recentNotices(deps, shown).length >= noticesMax) return false;
  const brought = Math.min(entriesMax, version - shown.version);
  if (brought <= 0) return false;
  const page = { before: version + 1, limit: brought };
  return (await listEntries(deps.ledger, shown.memberId, page)).some(isWorthANotice);
}

function recentNotices(deps: Deps, { notices }: GooglePass): readonly number[] {
  return notices.filter((at) => at > deps.now() - noticesMs);
}

/**
 * Brings a member's object to the newest version, as long as the card was not deleted. Whoever finds that another
 * writer was faster, or gets no answer, reads and writes again, so the newest state is what stays.
 * @param known the pass as it was just read
 */
export async function updateGoogle(
  deps: Deps,
  program: Program,
  memberId: MemberId,
  known?: GooglePass,
): Promise<void> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const previous = (attempt === 1 && known) || (await getGooglePass(deps.ledger, memberId));
    const view = previous && (await walletView(deps, program, memberId));
    // Deleted from a phone, an object is still at Google: of somebody who left, it is emptied all the same.
    if (!view || (previous.state === 'deleted' && view.status !== 'closed')) return;
    const wallet = await loadGoogle(deps);
    const objectId = objectIdOf(wallet.credentials.issuerId, memberId);
    const isShown = previous.version >= view.version && previous.objectId === objectId;
    if (isShown && !previous.doubted) return;

    const notify = await wantsNotice(deps, previous, view.version);
    const outcome = await write(deps, program, wallet, view, { notify, create: !previous.unused });
    // The link was not used, or Google has not said so yet: it is told when it has.
    if (outcome.type === 'no_object') return;
    if (outcome.type !== 'written') {
      // What was never answered may be carried out after somebody else's write.
      if (outcome.type === 'unknown') await doubtGooglePass(deps.ledger, memberId);
      if (outcome.type === 'no_class') await forgetClass(deps);
      if (attempt === 1 && (outcome.type === 'no_class' || outcome.type === 'unknown')) continue;
      throw failureOf(outcome, 'Writing a Google object');
    }
    const { unused: _, ...used } = previous;
    const notices = [...recentNotices(deps, previous), ...(outcome.notified ? [deps.now()] : [])];
    const pass = { ...used, objectId, version: view.version, doubted: false, notices };
    if ((await noteGooglePass(deps.ledger, previous, pass)) === 'noted') {
      if (!isShown) await measureLag(deps, view, previous.version);
      return;
    }
    // Of the two writes ours may be the later one at Google, and the older card.
    await doubtGooglePass(deps.ledger, memberId);
  }
  throw new LedgerUnavailable('contended', 'Writing a Google object');
}

async function write(
  deps: Deps,
  program: Program,
  wallet: GoogleWallet,
  view: CardView,
  options: { readonly notify: boolean; readonly create: boolean },
): Promise<WriteOutcome> {
  await keepClass(deps, program, wallet);
  const links = await linksOfCard(deps, view);
  const object = loyaltyObject(view, links, wallet.credentials.issuerId);
  return wallet.client.upsertObject(object, options);
}
