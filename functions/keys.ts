/** Callers' keys: listed, made, rotated, revoked. A key's text is in the answer that made it and nowhere else. */
import { Problem } from '../core/contract/errors.ts';
import type { Channel } from '../core/contract/ids.ts';
import type { KeyAnswer } from '../core/contract/shapes.ts';
import {
  type Credential,
  createKey as create,
  listKeys as list,
  type MadeKey,
  revokeKey as revoke,
  rotateKey as rotate,
} from '../ledger/ledger.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Deps } from './deps.ts';
import { type Answer, type HttpRequest, operatorOf } from './http.ts';

function keyAnswer({ keyId, name, role, channel, createdAt, expiresAt }: Credential): KeyAnswer {
  return { keyId, name, role, channel: channel as Channel | null, createdAt, expiresAt };
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
  return madeAnswer(await create(deps.ledger, body, operatorOf(caller), deps.now()));
}

export async function rotateKey(
  { params, body, caller }: HttpRequest<'rotateKey'>,
  deps: Deps,
): Promise<Answer> {
  const rotated = await rotate(deps.ledger, params.keyId, body.graceHours, operatorOf(caller), deps.now());
  if (rotated.type === 'missing') throw new Problem('not_found');
  return madeAnswer(rotated);
}

export async function revokeKey({ params, caller }: HttpRequest<'revokeKey'>, deps: Deps): Promise<Answer> {
  const { type } = await revoke(deps.ledger, params.keyId, operatorOf(caller), deps.now());
  switch (type) {
    case 'revoked':
      return { status: 204 };
    case 'missing':
      throw new Problem('not_found');
    case 'last':
      throw new Problem('last_operator_key', "Every other operator's key ends: make another one first.");
  }
}
