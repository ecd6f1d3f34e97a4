/** What operators steer and see: the programme, exceptions, adjustments, keys, the switch, and what each of them did. */
import { fieldErrors, Problem } from '../../core/contract/errors.ts';
import { programDocument } from '../../core/program.ts';
import {
  currentProgram,
  listAppleLog,
  listAudit,
  type ProgramPut,
  putProgramOnce,
} from '../../ledger/ledger.ts';
import { programFreshMs } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { onceAnswer, operatorOf, serve } from '../kit/serve.ts';
import { eraseMember } from '../members/erasure.ts';
import { exportMember } from '../members/export.ts';
import {
  approveAdjustment,
  createAdjustment,
  listAdjustments,
  rejectAdjustment,
} from '../operators/adjustments.ts';
import { redriveDeadLetters } from '../operators/dead-letters.ts';
import { dismissException, listExceptions, retryException } from '../operators/exceptions.ts';
import { createKey, listKeys, revokeKey, rotateKey } from '../operators/keys.ts';
import { planProgram } from '../operators/plan.ts';
import { getRedemptionSwitch, setRedemptionSwitch } from '../operators/switches.ts';
import { verifyLedger } from '../operators/verify.ts';

export const handler = serve('operators', {
  planProgram,
  verifyLedger,
  listExceptions,
  retryException,
  dismissException,
  redriveDeadLetters,
  createAdjustment,
  listAdjustments,
  approveAdjustment,
  rejectAdjustment,
  getRedemptionSwitch,
  setRedemptionSwitch,
  listKeys,
  createKey,
  rotateKey,
  revokeKey,
  exportMember,
  eraseMember,

  async getProgram(_request, deps) {
    const stored = await currentProgram(deps.ledger);
    if (!stored) throw new Problem('unavailable', 'No programme is in force yet.');
    return { status: 200, body: { version: stored.version, program: stored.document } };
  },

  async putProgram({ body, caller, once }, deps) {
    const parsed = programDocument.safeParse(body);
    if (!parsed.success) throw new Problem('invalid_request', undefined, fieldErrors(parsed.error));
    const answer = ({ version }: ProgramPut) => ({ status: 200, body: { version } });
    const given = { once, answer };
    const outcome = await putProgramOnce(deps.ledger, parsed.data, operatorOf(caller), given, deps.now());
    if (outcome.type === 'contended') throw new Problem('contended');
    const put = onceAnswer(outcome);
    // Every instance reads the programme anew within this time: what is posted after the answer earns by it.
    await deps.sleep(programFreshMs);
    return put;
  },

  async listAppleLog({ query }, deps) {
    const list = 'apple log';
    const after = decodeCursor(deps, list, query.cursor);
    const page = { limit: query.limit, ...(after === undefined ? {} : { after }) };
    const { items, next } = await listAppleLog(deps.ledger, page, deps.now());
    return { status: 200, body: { items, cursor: next && encodeCursor(deps, list, next) } };
  },

  async listAudit({ query }, deps) {
    const after = decodeCursor(deps, 'audit', query.cursor);
    const page = { limit: query.limit, ...(after === undefined ? {} : { after }) };
    const items = await listAudit(deps.ledger, page);
    const last = items.at(-1);
    const cursor = last && items.length === query.limit ? encodeCursor(deps, 'audit', last.auditId) : null;
    return { status: 200, body: { items, cursor } };
  },
});
