/** What may be told of the wallets' credentials: whether they are there and fit, and how long they still hold. */
import { utc } from '../core/contract/shapes.ts';
import { parseAppleCredentials } from './apple/credentials.ts';
import { parseGoogleCredentials } from './google/credentials.ts';

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

export type GoogleState = Absent | Unusable | { readonly configured: true };

/** @param now epoch milliseconds, at which the certificates must be valid */
export function appleState(secret: unknown, now: number): AppleState {
  const credentials = parseAppleCredentials(secret, now);
  if (credentials === null) return { configured: false };
  if ('problem' in credentials) return { configured: true, problem: credentials.problem };
  const { passTypeIdentifier, teamIdentifier, notAfter } = credentials;
  const daysLeft = Math.floor((notAfter - now) / dayMs);
  return { configured: true, passTypeIdentifier, teamIdentifier, notAfter: utc(notAfter), daysLeft };
}

/** A service account's key does not expire by itself, so only its form can be checked from here. */
export function googleState(secret: unknown): GoogleState {
  const credentials = parseGoogleCredentials(secret);
  if (credentials === null) return { configured: false };
  return 'problem' in credentials ? { configured: true, problem: credentials.problem } : { configured: true };
}
