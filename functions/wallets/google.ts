/** Google's credentials and client, kept for the life of an instance, and the upkeep of class and objects. */
import type { Entry } from '../../core/account.ts';
import { Problem } from '../../core/contract/errors.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { Program } from '../../core/program.ts';
import {
  doubtGooglePass,
  type GooglePass,
  getGoogleClass,
  getGooglePass,
  LedgerUnavailable,
  listEntries,
  noteGoogleClass,
  noteGooglePass,
  takeTurn,
} from '../../ledger/ledger.ts';
import {
  classIdOf,
  createGoogleClient,
  createRootKeys,
  type GoogleClient,
  type GoogleCredentials,
  loyaltyClass,
  loyaltyObject,
  objectIdOf,
  parseGoogleCredentials,
  type RootKeys,
  type WriteOutcome,
} from '../../passes/google/index.ts';
import type { Deps } from '../deps.ts';
import { linksOf, walletView } from '../members/present.ts';
import { measureLag } from './lag.ts';

export interface GoogleWallet {
  readonly secret: string;
  readonly credentials: GoogleCredentials;
  readonly client: GoogleClient;
  readonly rootKeys: RootKeys;
}

let google: GoogleWallet | undefined;
/** What this instance knows the class to have been written with. */
let classHash: string | undefined;

/**
 * Google takes 20 requests a second of one issuer, from all instances together: they take turns, and this
 * long lies between two, so that no second ever holds more than 19.
 */
const betweenRequestsMs = 55;

/** @throws Problem `wallet_not_configured`, saying what is wrong with the credentials */
export async function loadGoogle(deps: Deps): Promise<GoogleWallet> {
  const value = await deps.walletSecret('google');
  const secret = JSON.stringify(value);
  if (google?.secret === secret) return google;
  const credentials = parseGoogleCredentials(value);
  if (credentials === null) throw new Problem('wallet_not_configured', 'Google Wallet is not configured.');
  if ('problem' in credentials) {
    deps.logger.error('The Google Wallet credentials cannot be used', { problem: credentials.problem });
    throw new Problem('wallet_not_configured', 'Google Wallet is not configured correctly.');
  }
  // Records side by side would contend with one another for each turn: an instance asks for one at a time.
  let last: Promise<void> = Promise.resolve();
  const takeNext = () => takeTurn(deps.ledger, 'google', betweenRequestsMs);
  const pace = () => {
    last = last.then(takeNext, takeNext);
    return last;
  };
  google = {
    secret,
    credentials,
    client: createGoogleClient({ credentials, pace }),
    rootKeys: createRootKeys({ url: credentials.callbackKeysUrl }),
  };
  classHash = undefined;
  return google;
}

type Unwritten = Exclude<WriteOutcome, { type: 'written' }>;

/** @returns the error of a write that did not come about; LedgerUnavailable where another try can help */
function failureOf(outcome: Unwritten, what: string): Error {
  switch (outcome.type) {
    case 'retry':
      return new LedgerUnavailable('throttled', `${what}: ${outcome.reason}`);
    case 'unknown':
      return new LedgerUnavailable('unknown', `${what}: ${outcome.reason}`);
    case 'no_class':
      return new LedgerUnavailable('contended', `${what}: its class is not there yet`);
    case 'refused':
      return new Error(`${what} was refused: ${outcome.reason}`);
  }
}

/** How often a write to Google is repeated because another one overtook it, or nobody knows how it ended. */
const attemptsMax = 5;

/** Writes the programme's class, unless it was last written with just this. */
async function keepClass(deps: Deps, program: Program, { client, credentials }: GoogleWallet): Promise<void> {
  const { publicUrl, ledger } = deps;
  const wanted = loyaltyClass({
    programName: program.name,
    issuerId: credentials.issuerId,
    publicUrl,
    colours: program.card?.colours ?? null,
  });
  const hash = ledger.sha256(JSON.stringify(wanted));
  if (classHash === hash) return;
  let isSure = true;
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const previous = await getGoogleClass(ledger);
    if (previous?.hash !== hash || !isSure) {
      const outcome = await client.upsertClass(wanted);
      if (outcome.type !== 'written') throw failureOf(outcome, 'Writing the Google class');
      isSure = (await noteGoogleClass(ledger, previous, hash)) === 'noted';
    }
    if (isSure) {
      classHash = hash;
      return;
    }
  }
  throw new LedgerUnavailable('contended', 'Writing the Google class');
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

export interface GoogleIds {
  readonly objectId: string;
  readonly classId: string;
}

/**
 * Brings a member's Google object to the newest version. With `offer`, for a member who is about to save the
 * card, it is made where there is none; else only cards that were not deleted are kept up. Whoever finds that
 * another writer was faster, or gets no answer, reads and writes again, so the newest state is what stays.
 * @returns undefined when there is nothing to keep up
 */
export async function updateGoogle(
  deps: Deps,
  program: Program,
  memberId: MemberId,
  { offer }: { readonly offer: boolean },
): Promise<GoogleIds | undefined> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const previous = await getGooglePass(deps.ledger, memberId);
    if (!previous && !offer) return undefined;
    const view = await walletView(deps, program, memberId);
    if (!view) return undefined;
    // Deleted from a phone, an object is still at Google: of somebody who left, it is emptied all the same.
    const isKept = previous !== undefined && (previous.state !== 'deleted' || view.status === 'closed');
    if (!isKept && !offer) return undefined;
    const wallet = await loadGoogle(deps);
    const { issuerId } = wallet.credentials;
    const ids = { objectId: objectIdOf(issuerId, memberId), classId: classIdOf(issuerId) };
    const isShown = isKept && previous.version >= view.version && previous.objectId === ids.objectId;
    if (isShown && !previous.doubted) return ids;

    await keepClass(deps, program, wallet);
    const object = loyaltyObject(view, linksOf(deps, memberId), issuerId);
    const notify = isKept && !offer && (await wantsNotice(deps, previous, view.version));
    const outcome = await wallet.client.upsertObject(object, { notify });
    if (outcome.type !== 'written') {
      // What was never answered may be carried out after somebody else's write.
      if (outcome.type === 'unknown') await doubtGooglePass(deps.ledger, memberId);
      if (outcome.type === 'no_class') await forgetClass(deps);
      if (attempt === 1 && (outcome.type === 'no_class' || outcome.type === 'unknown')) continue;
      throw failureOf(outcome, 'Writing a Google object');
    }
    const at = deps.now();
    const pass = {
      ...(isKept ? previous : offered(previous, at)),
      memberId,
      objectId: ids.objectId,
      version: view.version,
      doubted: false,
      notices: previous ? [...recentNotices(deps, previous), ...(outcome.notified ? [at] : [])] : [],
    };
    if ((await noteGooglePass(deps.ledger, previous, pass)) === 'noted') {
      if (isKept && !offer && !isShown) await measureLag(deps, memberId, previous.version);
      return ids;
    }
    // Of the two writes ours may be the later one at Google, and the older card.
    await doubtGooglePass(deps.ledger, memberId);
  }
  throw new LedgerUnavailable('contended', 'Writing a Google object');
}

/** What is known of a card whose link is being given out, for the first time or again. */
function offered(previous: GooglePass | undefined, now: number) {
  return { state: 'offered' as const, stateAt: utc(now), messageUntil: previous?.messageUntil ?? 0 };
}

/** Google does not have the class that was noted: it is written anew, whatever the table says. */
async function forgetClass(deps: Deps): Promise<void> {
  classHash = undefined;
  await noteGoogleClass(deps.ledger, await getGoogleClass(deps.ledger), '');
}
