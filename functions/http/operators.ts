/** What operators steer and see: the programme, exceptions, adjustments, keys, the switch, and what each of them did. */
import { listAppleLog, listAudit } from '../../ledger/ledger.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { serve } from '../kit/serve.ts';
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
import { importItems } from '../operators/imports.ts';
import { createKey, listKeys, revokeKey, rotateKey } from '../operators/keys.ts';
import { planProgram } from '../operators/plan.ts';
import {
  getProgram,
  getProgramVersion,
  listProgramVersions,
  putProgram,
  rollBackProgram,
} from '../operators/programs.ts';
import { getRedemptionSwitch, setRedemptionSwitch } from '../operators/switches.ts';
import { verifyLedger } from '../operators/verify.ts';

export const handler = serve('operators', {
  getProgram,
  putProgram,
  listProgramVersions,
  getProgramVersion,
  rollBackProgram,
  planProgram,
  verifyLedger,
  listExceptions,
  retryException,
  dismissException,
  redriveDeadLetters,
  importItems,
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
