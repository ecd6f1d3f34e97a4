/** `GET /v1/entries/{entryId}/explain`. */
import { Problem } from '../../core/contract/errors.ts';
import { explain } from '../../core/explain.ts';
import { findEntry } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { type Answer, type Caller, type HttpRequest, seesAll } from '../kit/serve.ts';

/** Members are shared between channels; what another channel sold is shown by its amounts alone. */
function mayReadLines(caller: Caller, soldBy: string | undefined): boolean {
  return seesAll(caller) || (caller.role === 'channel' && caller.channel.id === soldBy);
}

export async function explainEntry(
  { params, caller }: HttpRequest<'explainEntry'>,
  deps: Deps,
): Promise<Answer> {
  // As in the list: a channel has no members who have left.
  const found = await findEntry(deps.ledger, params.entryId, { isOpen: !seesAll(caller) });
  if (!found) throw new Problem('not_found');
  const { entry, program, since, before, purchase } = found;
  const channels = await deps.channels();
  const detailed = mayReadLines(caller, entry.basis?.channel.id);
  return {
    status: 200,
    body: explain(entry, {
      program,
      since,
      before,
      purchase: purchase?.purchase,
      kindOf: (id) => channels.get(id)?.kind,
      detailed,
    }),
  };
}
