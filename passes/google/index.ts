/** Google Wallet: the programme's class, members' objects, and the link that saves one. */
export {
  type CallbackMessage,
  type CallbackOutcome,
  memberOfCallback,
  type RootKey,
  verifyCallback,
} from './callback.ts';
export {
  createGoogleClient,
  type GoogleClient,
  type GoogleClientOptions,
  type Pace,
  type WriteOutcome,
} from './client.ts';
export { type GoogleCredentials, parseGoogleCredentials } from './credentials.ts';
export { linkCharactersMax, type SaveLink, type SaveLinkInput, saveLink } from './link.ts';
export {
  type ClassInput,
  classIdOf,
  type LoyaltyClass,
  type LoyaltyObject,
  loyaltyClass,
  loyaltyObject,
  objectIdOf,
} from './loyalty.ts';
export { createRootKeys, type RootKeys } from './root-keys.ts';
