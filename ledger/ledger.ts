/** The ledger's surface: what functions may do with points, members, purchases and wallets. */
export {
  type Adjusted,
  createAdjustment,
  decideAdjustment,
  type Holder,
  listAdjustments,
} from './adjustments.ts';
export { keepAppleLog, listAppleLog } from './apple-log.ts';
export { doubtAppleTold, getApplePass, noteAppleFetched, noteAppleTold } from './apple-pass.ts';
export { listAudit, noteExport, type Operator } from './audit.ts';
export { type BacktestPosition, readWindows } from './backtest.ts';
export { type Claimed, claimPurchase, claimPurchaseOnce } from './claims.ts';
export { normaliseEmail } from './contacts.ts';
export { type LedgerContext, LedgerUnavailable } from './context.ts';
export {
  createKey,
  findCredential,
  listKeys,
  type MadeKey,
  type NewKey,
  type Revoked,
  revokeKey,
  revokeKeyOnce,
  rotateKey,
} from './credentials.ts';
export {
  auditSending,
  countDeadLetters,
  listDeadLetter,
  type NewDeadLetter,
  openDeadLetters,
  resolveDeadLetter,
} from './dead-letters.ts';
export { getPurchase, getRefund } from './decision.ts';
export { createDynamoDbStore } from './dynamodb.ts';
export { type Enrolled, enrol, enrolOnce } from './enrolment.ts';
export {
  type Erased,
  eraseMember,
  eraseMemberOnce,
  finishErasures,
  type Reapplied,
  reapplyErasures,
} from './erasure.ts';
export { createDynamoDbErasureList, type ErasureList } from './erasure-list.ts';
export {
  type Attempt,
  claimAgain,
  matchAgain,
  type Retried,
  retryException,
  retryExceptionOnce,
  sentAgain,
} from './exception-retries.ts';
export {
  type Closed,
  deadLetterOf,
  dismissException,
  dismissExceptionOnce,
  getException,
  listExceptions,
  resendable,
  retryOf,
} from './exceptions.ts';
export { type ExplainedEntry, findEntry } from './explain.ts';
export {
  type ExportPosition,
  exportPhases,
  type Held,
  walkExport,
} from './export.ts';
export { knownToPhones, type StaleCard, staleCards, supersededAt } from './freshness.ts';
export {
  doubtGooglePass,
  getGoogleClass,
  getGooglePass,
  noteGoogleClass,
  noteGooglePass,
  noteGoogleState,
} from './google.ts';
export { countWrong, isStopped } from './guesses.ts';
export {
  answerOnce,
  findOnce,
  type Given,
  type Once,
  type OnceKey,
  onceKey,
  type StoredAnswer,
} from './idempotency.ts';
export {
  type Adjustment,
  type Credential,
  type DeadLetter,
  fromItem,
  type GooglePass,
  type Profile,
  type RedemptionRecord,
  type Referral,
  type RefundRecord,
  type Registration,
  type SamsungPass,
  type StoredProgram,
  type Switch,
  type Voucher,
} from './items.ts';
export { forgetTold } from './leaving-devices.ts';
export {
  cardToken,
  findByLookup,
  getAccount,
  getEntry,
  getMember,
  getOpenAccount,
  listEntries,
  type Member,
  passToken,
  resolveMember,
} from './members.ts';
export { runNight } from './night.ts';
export { type Changed, changeProfile, changeProfileOnce } from './profiles.ts';
export {
  currentProgram,
  type ProgramPut,
  programAt,
  putProgram,
  putProgramOnce,
  toProgram,
} from './programs.ts';
export { recordPurchase } from './purchases.ts';
export { type Quote, quotePurchase } from './quotes.ts';
export {
  createRedemption,
  endRedemption,
  expireRedemption,
  type Redeemed,
  type RedemptionEnded,
  type RedemptionState,
  readRedemption,
} from './redemptions.ts';
export { getReferral, referralCode, settleReferral } from './referrals.ts';
export { recordRefund } from './refunds.ts';
export {
  getSamsungPass,
  noteSamsungFetched,
  noteSamsungState,
  noteSamsungTold,
  offerSamsung,
} from './samsung.ts';
export { getSwitch, redemptionSwitch, setSwitch, setSwitchOnce } from './switches.ts';
export { readTally, totalOf } from './tallies.ts';
export { takeTurn } from './turns.ts';
export { type VerifyPosition, verifyLedger } from './verify.ts';
export {
  giveVoucher,
  revokeVoucher,
  rewardOf,
  useVoucher,
  type VoucherGiven,
  type VoucherOutcome,
} from './voucher-uses.ts';
export { findVoucher, getVoucher, listVouchers, usableVouchers } from './vouchers.ts';
export {
  changedPasses,
  forgetPushToken,
  newestChange,
  registerDevice,
  registrationsOf,
  touchPasses,
  unregisterDevice,
} from './wallets.ts';
