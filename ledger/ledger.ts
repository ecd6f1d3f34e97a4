/** The ledger's surface: what functions may do with points, members, purchases and wallets. */
export { keepAppleLog, listAppleLog } from './apple-log.ts';
export { claimPurchase } from './claims.ts';
export { type LedgerContext, LedgerUnavailable } from './context.ts';
export { createKey, findCredential, type NewKey } from './credentials.ts';
export { getPurchase, getRefund } from './decision.ts';
export { createDynamoDbStore } from './dynamodb.ts';
export { enrol } from './enrolment.ts';
export { listExceptions } from './exceptions.ts';
export { type ExplainedEntry, findEntry } from './explain.ts';
export {
  type Credential,
  fromItem,
  type GooglePass,
  type Profile,
  type RefundRecord,
  type Registration,
  type StoredProgram,
} from './items.ts';
export {
  cardToken,
  changeProfile,
  findByLookup,
  getAccount,
  getMember,
  listEntries,
  type Member,
  normaliseEmail,
  passToken,
  resolveMember,
} from './members.ts';
export { runNight } from './night.ts';
export { currentProgram, programAt, putProgram, toProgram } from './programs.ts';
export { recordPurchase } from './purchases.ts';
export { type Quote, quotePurchase } from './quotes.ts';
export { getReferral, referralCode, settleReferral } from './referrals.ts';
export { recordRefund } from './refunds.ts';
export { type VerifyPosition, verifyLedger } from './verify.ts';
export { vouchersOf } from './vouchers.ts';
export {
  changedPasses,
  forgetPushToken,
  getGooglePass,
  newestChange,
  noteGooglePass,
  registerDevice,
  registrationsOf,
  touchPasses,
  unregisterDevice,
} from './wallets.ts';
