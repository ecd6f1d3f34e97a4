/** The ledger's surface: what functions may do with points, members, purchases and wallets. */

export {
  type Erased,
  eraseMember,
  eraseMemberOnce,
  type Reapplied,
  reapplyErasures,
} from './erasure/erasure.ts';
export { createDynamoDbErasureList, type ErasureList } from './erasure/list.ts';
export {
  type Confirmed,
  confirmContact,
  type Merge,
  newConfirmation,
} from './members/confirmations.ts';
export { contactHash, normaliseEmail } from './members/contacts.ts';
export type { DuePlace } from './members/due.ts';
export { type Enrolled, enrol, enrolOnce } from './members/enrolment.ts';
export {
  type ExportPosition,
  exportPhases,
  type Held,
  walkExport,
} from './members/export.ts';
export { joinPublicly } from './members/joining.ts';
export {
  type Contact,
  cardToken,
  contactStatusOf,
  contactsOf,
  currentId,
  findByLookup,
  getAccount,
  getCardAccount,
  getEntry,
  getMember,
  getMovedProfile,
  getOpenAccount,
  knownOf,
  listEntries,
  type Member,
  mergedInto,
  passToken,
  personHashes,
  resolveMember,
} from './members/members.ts';
export {
  type MergeOutcome,
  type MergeRequest,
  mergeMembers,
  mergeMembersOnce,
  unmergeMembers,
  unmergeMembersOnce,
} from './members/merges.ts';
export {
  type Added,
  addToProfile,
  type Changed,
  changeProfile,
  changeProfileOnce,
  liftContactHold,
} from './members/profiles.ts';
export { joinWindowMs, linkLimits, takeTurnOf } from './members/rates.ts';
export {
  findReferrer,
  getReferral,
  referralCode,
  settleReferral,
  settleReferrals,
} from './members/referrals.ts';
export {
  type Adjusted,
  createAdjustment,
  decideAdjustment,
  type Holder,
  listAdjustments,
} from './operators/adjustments.ts';
export { listAudit, noteExport, noteImport, type Operator } from './operators/audit.ts';
export { noteHealth, readHealth } from './operators/channel-health.ts';
export { readChannels } from './operators/channel-list.ts';
export {
  type ChannelPut,
  type ChannelRemoved,
  noteChannelUsed,
  putChannelOnce,
  removeChannelOnce,
} from './operators/channels.ts';
export {
  createKey,
  findCredential,
  listKeys,
  type MadeKey,
  type NewKey,
  type Revoked,
  readCredential,
  revokeKey,
  revokeKeyOnce,
  rotateKey,
} from './operators/credentials.ts';
export {
  auditSending,
  countDeadLetters,
  listDeadLetter,
  type NewDeadLetter,
  openDeadLetters,
  resolveDeadLetter,
} from './operators/dead-letters.ts';
export {
  type Attempt,
  claimAgain,
  matchAgain,
  postAs,
  type Retried,
  retryException,
  retryExceptionOnce,
  sentAgain,
} from './operators/exception-retries.ts';
export {
  type Closed,
  deadLetterOf,
  dismissException,
  dismissExceptionOnce,
  getException,
  listExceptions,
  resendable,
  retryOf,
} from './operators/exceptions.ts';
export { type ExplainedEntry, findEntry } from './operators/explain.ts';
export { currentProgram, programAt, storedProgram, toProgram } from './operators/program-versions.ts';
export {
  listPrograms,
  type NoRollback,
  type NoSuchChannel,
  type ProgramPut,
  putProgram,
  putProgramOnce,
  rollBackProgramOnce,
} from './operators/programs.ts';
export { listRefusedEvent } from './operators/refused-events.ts';
export { getSwitch, redemptionSwitch, setSwitch, setSwitchOnce } from './operators/switches.ts';
export { listUnreadable } from './operators/unreadable.ts';
export { type Claimed, claimPurchase, claimPurchaseOnce, type MaybeClaimed } from './purchases/claims.ts';
export { getPurchase, getRefund } from './purchases/decision.ts';
export {
  isDelivered,
  noteDelivered,
  type Observed,
  observeOrder,
  observeReturn,
  previewOrder,
  previewReturn,
  type Shop,
} from './purchases/orders.ts';
export { recordPurchase } from './purchases/purchases.ts';
export { type Quote, quotePurchase } from './purchases/quotes.ts';
export { recordRefund } from './purchases/refunds.ts';
export { countWrong, guesserOf, stoppedUntil } from './spending/guesses.ts';
export {
  createRedemption,
  endRedemption,
  expireRedemption,
  type Redeemed,
  type RedemptionEnded,
  type RedemptionState,
  readRedemption,
} from './spending/redemptions.ts';
export { readTally } from './spending/tallies.ts';
export {
  giveVoucher,
  promisedBy,
  revokeVoucher,
  rewardOf,
  useVoucher,
  type VoucherGiven,
  type VoucherOutcome,
} from './spending/voucher-uses.ts';
export { findVoucher, getVoucher, listVouchers } from './spending/vouchers.ts';
export { type LedgerContext, LedgerUnavailable } from './store/context.ts';
export { createDynamoDbStore } from './store/dynamodb.ts';
export {
  answerOnce,
  findOnce,
  type Once,
  type OnceKey,
  onceKey,
  type Reply,
  type StoredAnswer,
} from './store/idempotency.ts';
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
} from './store/items.ts';
export { thoseListed } from './store/lists.ts';
export { segmentsOf } from './store/store.ts';
export { usableVouchers } from './store/usable.ts';
export { type BacktestPosition, readWindows } from './walks/backtest.ts';
export { dueWalk } from './walks/due.ts';
export { erasureWalk } from './walks/erasures.ts';
export { exceptionIndexWalk } from './walks/exception-index.ts';
export { beginNight, nightBegun, nightDays } from './walks/night.ts';
export { type VerifyPosition, verifyLedger } from './walks/verify.ts';
export { sideBySide, takeStep, throughPartitions, type WalkMessage, type Walks } from './walks/walk.ts';
export { yearlyWalk } from './walks/yearly.ts';
export { keepAppleLog, listAppleLog } from './wallets/apple-log.ts';
export {
  beginAppleTelling,
  doubtAppleTold,
  getApplePass,
  noteAppleFetched,
  noteAppleTold,
} from './wallets/apple-pass.ts';
export {
  changedPasses,
  forgetPushToken,
  newestChange,
  registerDevice,
  registrationsOf,
  touchPasses,
  unregisterDevice,
} from './wallets/devices.ts';
export {
  knownToPhones,
  type StaleCard,
  staleCard,
  supersededAt,
  walletHolderPartitions,
} from './wallets/freshness.ts';
export {
  doubtGooglePass,
  getGoogleClass,
  getGooglePass,
  noteGoogleClass,
  noteGooglePass,
  noteGoogleState,
  offerGoogle,
} from './wallets/google.ts';
export { forgetTold } from './wallets/leaving-devices.ts';
export {
  getSamsungPass,
  noteSamsungFetched,
  noteSamsungState,
  noteSamsungTold,
  offerSamsung,
} from './wallets/samsung.ts';
export { takeTurn } from './wallets/turns.ts';
