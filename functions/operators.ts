/** What operators steer and see: the programme, the exceptions that need a person, what phones log. */
import { fieldErrors, Problem } from '../core/contract/errors.ts';
import { programDocument } from '../core/program.ts';
import { currentProgram, listAppleLog, listExceptions, putProgram } from '../ledger/ledger.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { programFreshMs } from './deps.ts';
import { serve } from './http.ts';
import { verifyLedger } from './verify.ts';

export const handler = serve('operators', {
  verifyLedger,

  async getProgram(_request, deps) {
    const stored = await currentProgram(deps.ledger);
    if (!stored) throw new Problem('unavailable', 'No programme is in force yet.');
    return { status: 200, body: { version: stored.version, program: stored.document } };
  },

  async putProgram({ body, caller }, deps) {
    const parsed = programDocument.safeParse(body);
    if (!parsed.success) throw new Problem('invalid_request', undefined, fieldErrors(parsed.error));
    const by = caller.role === 'ops' ? caller.keyId : '';
    const outcome = await putProgram(deps.ledger, parsed.data, by, deps.now());
    if (outcome.type === 'contended') throw new Problem('contended');
    // Every instance reads the programme anew within this time: what is posted after the answer earns by it.
    await deps.sleep(programFreshMs);
    return { status: 200, body: { version: outcome.version } };
  },

  async listAppleLog({ query }, deps) {
    const list = 'apple log';
    const after = decodeCursor(deps, list, query.cursor);
    const page = { limit: query.limit, ...(after === undefined ? {} : { after }) };
    const { items, next } = await listAppleLog(deps.ledger, page, deps.now());
    return { status: 200, body: { items, cursor: next && encodeCursor(deps, list, next) } };
  },

  async listExceptions({ query }, deps) {
    const list = `exceptions ${query.status} ${query.type ?? ''}`;
    const after = decodeCursor(deps, list, query.cursor);
    const { items, next } = await listExceptions(deps.ledger, {
      status: query.status,
      limit: query.limit,
      ...(query.type === undefined ? {} : { type: query.type }),
      ...(after === undefined ? {} : { after }),
    });
    return { status: 200, body: { items, cursor: next && encodeCursor(deps, list, next) } };
  },
});
