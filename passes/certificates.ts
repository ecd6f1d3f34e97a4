/** What may be told of the wallets' credentials: whether they are there and fit, and how long they still hold. */
import { utc } from '../core/contract/shapes/basics.ts';
import { parseAppleCredentials } from './apple/credentials.ts';
import { parseGoogleCredentials } from './google/credentials.ts';
import { parseSamsungCredentials } from './samsung/credentials.ts';

const dayMs = 86_400_000;

/** Credentials that are there and cannot be used; `problem` is one sentence or more. */
export interface Unusable {
  readonly configured: true;
  readonly problem: string;
}

interface Absent {
  readonly configured: false;
}

export type AppleState =
  | Absent
  | Unusable
  | {
      readonly configured: true;
      readonly passTypeIdentifier: string;
      readonly teamIdentifier: string;
      /** RFC 3339, in UTC. */
      readonly notAfter: string;
      readonly daysLeft: number;
    };

export type KeyState = Absent | Unusable | { readonly configured: true };

/** @param now epoch milliseconds, at which the certificates must be valid */
export function appleState(secret: unknown, now: number): AppleState {
  const credentials = parseAppleCredentials(secret, now);
  if (credentials === null) return { configured: false };
  if ('problem' in credentials) return { configured: true, problem: credentials.problem };
  const { passTypeIdentifier, teamIdentifier, notAfter } = credentials;
  const daysLeft = Math.floor((notAfter - now) / dayMs);
  return { configured: true, passTypeIdentifier, teamIdentifier, notAfter: utc(notAfter), daysLeft };
}

export const googleState = (secret: unknown): KeyState => keyState(parseGoogleCredentials(secret));
export const samsungState = (secret: unknown): KeyState => keyState(parseSamsungCredentials(secret));

/** Keys do not expire by themselves, so of these only the form can be checked from here. */
function keyState(credentials: object | null): KeyState {
  if (credentials === null) return { configured: false };
  return 'problem' in credentials
    ? { configured: true, problem: String(credentials.problem) }
    : { configured: true };
}
