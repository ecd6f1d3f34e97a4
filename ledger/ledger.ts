/** The ledger's surface: what functions may do with points, members, purchases and wallets. */
export { claimPurchase } from './claims.ts';
export { type LedgerContext, LedgerUnavailable } from './context.ts';
export { createKey, findCredential, type NewKey } from './credentials.ts';
export { getPurchase, getRefund } from './decision.ts';
export { createDynamoDbStore } from './dynamodb.ts';
export { listExceptions } from './exceptions.ts';
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
  enrol,
  findByLookup,
  getAccount,
  getMember,
  listEntries,
  type Member,
  normaliseEmail,
  passToken,
  resolveMember,
} from './members.ts';
export { currentProgram, putProgram, toProgram } from './programs.ts';
export { recordPurchase } from './purchases.ts';
export { recordRefund } from './refunds.ts';
export {
  changedPasses,
  forgetPushToken,
  getGooglePass,
  keepAppleLog,
  noteGooglePass,
  registerDevice,
  registrationsOf,
  touchPasses,
  unregisterDevice,
} from './wallets.ts';
