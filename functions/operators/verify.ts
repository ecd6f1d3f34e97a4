/** `POST /v1/ledger/verify`. */
import { Problem } from '../../core/contract/errors.ts';
import { type VerifyPosition, verifyLedger as verify } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import type { Answer, HttpRequest } from '../kit/serve.ts';

/** Work before an answer, well inside the ten seconds that a request has. */
const workMsMax = 6_000;
const differencesMax = 1_000;

export async function verifyLedger({ body }: HttpRequest<'verifyLedger'>, deps: Deps): Promise<Answer> {
  const { memberId } = body;
  const begun = deps.monotonic();
  const list = `verify ${memberId ?? ''}`;
  const position = decodeCursor(deps, list, body.cursor);
  const from = position === undefined ? undefined : (JSON.parse(position) as VerifyPosition);
  const { members, entries, differences, next } = await verify(deps.ledger, {
    ...(memberId ? { memberId } : {}),
    ...(from ? { from } : {}),
    hasTime: () => deps.monotonic() - begun < workMsMax,
    differencesMax,
  });
  if (memberId && members === 0 && next === null) throw new Problem('not_found');
  const cursor = next && encodeCursor(deps, list, JSON.stringify(next));
  return { status: 200, body: { members, entries, differences, ...(cursor ? { cursor } : {}) } };
}
