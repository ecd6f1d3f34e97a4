/** `POST /v1/ledger/verify`. */
import { Problem } from '../../core/contract/errors.ts';
import { segmentsOf, type VerifyPosition, verifyLedger as verify } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import type { Answer, HttpRequest } from '../kit/serve.ts';

/** Work before an answer, well inside the ten seconds that a request has. */
const workMsMax = 6_000;
const differencesMax = 1_000;

export async function verifyLedger({ body }: HttpRequest<'verifyLedger'>, deps: Deps): Promise<Answer> {
  const { memberId, segments } = body;
  const begun = deps.monotonic();
  const list = `verify ${memberId ?? ''}`;
  if (segments !== undefined) {
    if (memberId !== undefined || body.cursor !== undefined)
      throw new Problem('invalid_request', undefined, [
        { path: 'segments', message: 'begins a verification of all members: give it alone' },
      ]);
    const cursors = segmentsOf(segments).map((segment) =>
      encodeCursor(deps, list, JSON.stringify({ segment } satisfies VerifyPosition)),
    );
    return { status: 200, body: { members: 0, entries: 0, differences: [], cursors } };
  }
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
