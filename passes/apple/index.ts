/** Apple Wallet: passes, and the pushes that make phones come for their changes. */
export { type AppleCredentials, parseAppleCredentials } from './credentials.ts';
export { buildPass, manifestOf, type PassContent, type PassRequest, passContentType } from './pass.ts';
export { createPusher, type Pusher, type PusherOptions, type PushOutcome } from './push.ts';
