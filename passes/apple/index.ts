/** Apple Wallet: passes, and the pushes that make phones come for their changes. */
export { type AppleCredentials, parseAppleCredentials } from './credentials.ts';
export {
  bundlePasses,
  createPassBuilder,
  type PassBuilder,
  type PassContent,
  passContentType,
  passesContentType,
} from './pass.ts';
export { createPusher, type Pusher, type PusherOptions, type PushOutcome } from './push.ts';
