/** Google's credentials and client, kept for the life of an instance, and the upkeep of the programme's class. */
import { Problem } from '../../core/contract/errors.ts';
import type { Program } from '../../core/program.ts';
import { inAll, languagesOf } from '../../core/program-texts.ts';
import { getGoogleClass, LedgerUnavailable, noteGoogleClass, takeTurn } from '../../ledger/ledger.ts';
import {
  createGoogleClient,
  createRootKeys,
  type GoogleClient,
  type GoogleCredentials,
  loyaltyClass,
  parseGoogleCredentials,
  type RootKeys,
  type WriteOutcome,
} from '../../passes/google/index.ts';
import type { Deps } from '../deps.ts';

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
export const betweenRequestsMs = 55;

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
    client: createGoogleClient({ credentials, pace, now: deps.now }),
    rootKeys: createRootKeys({ url: credentials.callbackKeysUrl }),
  };
  classHash = undefined;
  return google;
}

type Unwritten = Exclude<WriteOutcome, { type: 'written' }>;

/** @returns the error of a write that did not come about; LedgerUnavailable where another try can help */
export function failureOf(outcome: Unwritten, what: string): Error {
  switch (outcome.type) {
    case 'retry':
      return new LedgerUnavailable('throttled', `${what}: ${outcome.reason}`);
    case 'unknown':
      return new LedgerUnavailable('unknown', `${what}: ${outcome.reason}`);
    case 'no_class':
      return new LedgerUnavailable('contended', `${what}: its class is not there yet`);
    case 'no_object':
      return new LedgerUnavailable('contended', `${what}: it is not there yet`);
    case 'refused':
      return new Error(`${what} was refused: ${outcome.reason}`);
  }
}

/** How often a write to Google is repeated because another one overtook it, or nobody knows how it ended. */
export const attemptsMax = 5;

/** Writes the programme's class, unless it was last written with just this. */
export async function keepClass(
  deps: Deps,
  program: Program,
  { client, credentials }: GoogleWallet,
): Promise<void> {
  const { publicUrl, ledger } = deps;
  const wanted = loyaltyClass({
    programName: inAll(program, program.name),
    language: languagesOf(program)[0] ?? 'en',
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

/**
 * Sees to it that Google has a class for the objects in links. One that is of an earlier programme serves: it is
 * written anew with the next object, and nobody who clicks waits for that.
 */
export async function needClass(deps: Deps, program: Program, wallet: GoogleWallet): Promise<void> {
  if (classHash !== undefined) return;
  const known = await getGoogleClass(deps.ledger);
  if (known?.hash) classHash = known.hash;
  else await keepClass(deps, program, wallet);
}

/** Google does not have the class that was noted: it is written anew, whatever the table says. */
export async function forgetClass(deps: Deps): Promise<void> {
  classHash = undefined;
  await noteGoogleClass(deps.ledger, await getGoogleClass(deps.ledger), '');
}
