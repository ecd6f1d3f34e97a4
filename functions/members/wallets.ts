/** Where a member's card lives, as operators see it, and what of the ledger it does not show there yet. */
import type { Account } from '../../core/account.ts';
import { Problem } from '../../core/contract/errors.ts';
import type { MemberWallets } from '../../core/contract/shapes/wallet.ts';
import {
  type GooglePass,
  getAccount,
  getApplePass,
  getGooglePass,
  getSamsungPass,
  registrationsOf,
  type SamsungPass,
  supersededAt,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import type { Answer, HttpRequest } from '../kit/serve.ts';

export async function getWallets({ params }: HttpRequest<'getWallets'>, deps: Deps): Promise<Answer> {
  const { memberId } = params;
  const account = await getAccount(deps.ledger, memberId);
  if (!account) throw new Problem('not_found');
  const body: MemberWallets = {
    version: account.version,
    apple: await appleAnswer(deps, account),
    google: await googleAnswer(deps, account, await getGooglePass(deps.ledger, memberId)),
    samsung: await samsungAnswer(deps, account, await getSamsungPass(deps.ledger, memberId)),
  };
  return { status: 200, body };
}

async function appleAnswer(deps: Deps, account: Account): Promise<MemberWallets['apple']> {
  const [pass, registrations] = await Promise.all([
    getApplePass(deps.ledger, account.memberId),
    registrationsOf(deps.ledger, account.memberId),
  ]);
  const { told = null, fetched = null } = pass ?? {};
  const devices = registrations.length;
  const behind = devices === 0 ? null : await behindOf(deps, account, fetched?.version ?? 0);
  return { devices, told, fetched, behind };
}

async function googleAnswer(
  deps: Deps,
  account: Account,
  pass: GooglePass | undefined,
): Promise<MemberWallets['google']> {
  if (!pass) return null;
  const behind = pass.state === 'deleted' ? null : await behindOf(deps, account, pass.version);
  return { ...kept(pass), doubted: pass.doubted, behind };
}

async function samsungAnswer(
  deps: Deps,
  account: Account,
  pass: SamsungPass | undefined,
): Promise<MemberWallets['samsung']> {
  if (!pass) return null;
  const { fetched = null, state } = pass;
  const behind = state === 'saved' ? await behindOf(deps, account, fetched ?? 0) : null;
  return { ...kept(pass), fetched, behind };
}

function kept({ state, stateAt: at, version }: GooglePass | SamsungPass) {
  return { state, at, version };
}

async function behindOf(deps: Deps, { memberId, version }: Account, shown: number) {
  const since = shown < version ? await supersededAt(deps.ledger, memberId, shown) : undefined;
  if (since === undefined) return null;
  return {
    versions: version - shown,
    since,
    seconds: Math.max(0, Math.floor((deps.now() - Date.parse(since)) / 1000)),
  };
}
