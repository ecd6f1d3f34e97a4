/** Callers' keys: listed, made, rotated, revoked. A key's text is in the answer that made it and nowhere else. */
import { Problem } from '../../core/contract/errors.ts';
import type { KeyAnswer } from '../../core/contract/shapes/operator.ts';
import {
  type Credential,
  createKey as create,
  listKeys as list,
  type MadeKey,
  type Revoked,
  revokeKeyOnce as revoke,
  rotateKey as rotate,
  type StoredAnswer,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { credentialFreshMs } from '../kit/callers.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { channelAt } from '../kit/references.ts';
import { type Answer, type HttpRequest, onceAnswer, operatorOf, refusalOf } from '../kit/serve.ts';

function keyAnswer({ keyId, name, role, channel, createdAt, expiresAt }: Credential): KeyAnswer {
  return { keyId, name, role, channel, createdAt, expiresAt };
}

function madeAnswer({ text, credential }: MadeKey): Answer {
  return { status: 201, body: { ...keyAnswer(credential), key: text } };
}

export async function listKeys({ query }: HttpRequest<'listKeys'>, deps: Deps): Promise<Answer> {
  const after = decodeCursor(deps, 'keys', query.cursor);
  const page = { limit: query.limit, ...(after === undefined ? {} : { after }) };
  const { items, next } = await list(deps.ledger, page, deps.now());
  return {
    status: 200,
    body: { items: items.map(keyAnswer), cursor: next && encodeCursor(deps, 'keys', next) },
  };
}

export async function createKey({ body, caller }: HttpRequest<'createKey'>, deps: Deps): Promise<Answer> {
  if (body.channel !== undefined) channelAt('channel', body.channel, await deps.channels());
  return madeAnswer(await create(deps.ledger, body, operatorOf(caller), deps.now()));
}

export async function rotateKey(
  { params, body, caller }: HttpRequest<'rotateKey'>,
  deps: Deps,
): Promise<Answer> {
  const rotated = await rotate(deps.ledger, params.keyId, body.graceHours, operatorOf(caller), deps.now());
  if (rotated.type === 'missing') throw new Problem('not_found');
  if (body.graceHours === 0) await deps.sleep(credentialFreshMs);
  return madeAnswer(rotated);
}

function revokedAnswer({ type }: Revoked, requestId: string): StoredAnswer {
  switch (type) {
    case 'revoked':
      return { status: 204, body: null };
    case 'missing':
      return refusalOf(new Problem('not_found'), requestId);
    case 'last': {
      const detail = "Every other operator's key ends: make another one first.";
      return refusalOf(new Problem('last_operator_key', detail), requestId);
    }
  }
}

export async function revokeKey(
  { params, caller, once, requestId }: HttpRequest<'revokeKey'>,
  deps: Deps,
): Promise<Answer> {
  const answer = (outcome: Revoked) => revokedAnswer(outcome, requestId);
  const outcome = await revoke(deps.ledger, params.keyId, operatorOf(caller), { once, answer }, deps.now());
  const revoked = onceAnswer(outcome);
  // Every instance reads the key anew within this time: who comes with it after the answer is refused.
  if (revoked.status === 204) await deps.sleep(credentialFreshMs);
  return revoked;
}
