/** Google's credentials and client, kept for the life of an instance, and the upkeep of members' objects. */
import { Problem } from '../core/contract/errors.ts';
import type { MemberId } from '../core/contract/ids.ts';
import type { Program } from '../core/program.ts';
import { getGooglePass, LedgerUnavailable, noteGooglePass } from '../ledger/ledger.ts';
import {
  classIdOf,
  createGoogleClient,
  createPace,
  type GoogleClient,
  type GoogleCredentials,
  loyaltyClass,
  loyaltyObject,
  objectIdOf,
  parseGoogleCredentials,
  type WriteOutcome,
} from '../passes/google/index.ts';
import type { Deps } from './deps.ts';
import { linksOf, walletView } from './present.ts';

export interface GoogleWallet {
  readonly secret: string;
  readonly credentials: GoogleCredentials;
  readonly client: GoogleClient;
  /** Programme versions whose class this instance has written. */
  readonly classes: Set<number>;
}

let google: GoogleWallet | undefined;

/** Google takes 20 requests a second of one issuer; two instances at most share it (see infra). */
const googleRequestsPerSecond = 10;

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
  const pace = createPace({
    perSecond: googleRequestsPerSecond,
    clock: deps.monotonic,
    sleep: deps.sleep,
  });
  google = {
    secret,
    credentials,
    client: createGoogleClient({ credentials, pace }),
    classes: new Set(),
  };
  return google;
}

/** @throws LedgerUnavailable when the write has to be tried again; Error when Google refuses it for good */
function settled(outcome: WriteOutcome, what: string): void {
  switch (outcome.type) {
    case 'written':
      return;
    case 'retry':
      throw new LedgerUnavailable('throttled', `${what}: ${outcome.reason}`);
    case 'unknown':
      throw new LedgerUnavailable('unknown', `${what}: ${outcome.reason}`);
    case 'refused':
      throw new Error(`${what} was refused: ${outcome.reason}`);
  }
}

/** How often a write to Google is repeated because another one overtook it. */
const overtakenMax = 5;

/**
 * Brings a member's Google object to the newest version, and creates it when `create` says so. Whoever finds
 * that another writer was faster reads and writes again, so the newest state is what stays.
 */
export async function updateGoogle(
  deps: Deps,
  program: Program,
  memberId: MemberId,
  { create, notify }: { readonly create: boolean; readonly notify: boolean },
): Promise<{ readonly objectId: string; readonly classId: string } | undefined> {
  for (let attempt = 1; attempt <= overtakenMax; attempt++) {
    const previous = await getGooglePass(deps.ledger, memberId);
    if (!previous && !create) return undefined;
    const { client, credentials, classes } = await loadGoogle(deps);
    const ids = {
      objectId: objectIdOf(credentials.issuerId, memberId),
      classId: classIdOf(credentials.issuerId),
    };
    const view = await walletView(deps, program, memberId);
    if (!view) return undefined;
    if (previous && previous.version >= view.version && previous.objectId === ids.objectId) return ids;
    if (!classes.has(program.version)) {
      const { publicUrl } = deps;
      const input = { programName: program.name, issuerId: credentials.issuerId, publicUrl };
      settled(await client.upsertClass(loyaltyClass(input)), 'Writing the Google class');
      classes.add(program.version);
    }
    const object = loyaltyObject(view, linksOf(deps, memberId), credentials.issuerId);
    settled(await client.upsertObject(object, { notify }), 'Writing a Google object');
    const pass = { memberId, objectId: ids.objectId, version: view.version };
    if ((await noteGooglePass(deps.ledger, previous, pass)) === 'noted') return ids;
  }
  throw new LedgerUnavailable('contended', 'Writing a Google object');
}
