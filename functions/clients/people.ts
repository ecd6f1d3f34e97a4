/**
 * Who has signed in, by the access tokens of the operators' pool (Amazon Cognito). What a token says is taken once a key
 * of the pool has signed it, for the pool's own client, as an access token whose time is not over.
 *
 * Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
 */
import { validateCognitoJwtFields } from 'aws-jwt-verify/cognito-verifier';
import {
  CognitoJwtInvalidClientIdError,
  CognitoJwtInvalidTokenUseError,
  FetchError,
  JwksValidationError,
  JwkValidationError,
  JwtBaseError,
  JwtExpiredError,
  JwtParseError,
  ParameterValidationError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { JwtPayload } from 'aws-jwt-verify/jwt-model';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import { Problem } from '../../core/contract/errors.ts';
import { groups } from '../../core/contract/functions.ts';
import type { FindPerson, Person } from '../kit/callers.ts';
import { type Clock, fresh, isFresh } from '../kit/fresh.ts';

export interface Pool {
  /** As tokens name it. */
  readonly issuer: string;
  readonly clientId: string;
  /** Reads the pool's keys. */
  readonly readKeys: (address: string) => Promise<ArrayBuffer>;
}

/** A key that the pool gives up is refused after this. New ones are looked for when a token names one. */
export const poolKeysFreshMs = 3_600_000;
/** Between two looks for a key that nobody knows: whoever makes up tokens asks nothing of the pool. */
export const unknownKeyMs = 10_000;

/** @param clock the wall clock: an instance that was frozen knows that time has passed */
export function connect({ issuer, clientId, readKeys }: Pool, clock: Clock): FindPerson {
  const jwksUri = `${issuer}/.well-known/jwks.json`;
  const fetcher = {
    fetch: (address: string) =>
      readKeys(address).catch((error: unknown) => {
        throw new FetchError(address, error);
      }),
  };
  const jwksCache = new SimpleJwksCache({ fetcher, penaltyBox: penaltyBox(clock) });
  const verifier = JwtVerifier.create({ issuer, audience: null, jwksUri }, { jwksCache });
  let known = false;
  const renew = fresh(clock, poolKeysFreshMs, async () => {
    try {
      await jwksCache.getJwks(jwksUri);
      known = true;
    } catch (error) {
      // What is known is good until the next look.
      if (!known) throw error;
    }
  });
  return async (token) => {
    try {
      await renew();
      const claims = await verifier.verify(token);
      validateCognitoJwtFields(claims, { tokenUse: 'access', clientId });
      // The library takes a token without an end for one that lasts.
      if (claims.exp === undefined) throw new JwtParseError('It has no exp.');
      return personOf(claims);
    } catch (error) {
      throw problemOf(error);
    }
  };
}

/** Instances are frozen between requests, so that a timer says nothing of how much time has passed. */
function penaltyBox(clock: Clock) {
  let failedAt: number | undefined;
  return {
    async wait() {
      if (failedAt !== undefined && isFresh(failedAt, clock(), unknownKeyMs))
        throw new WaitPeriodNotYetEndedJwkError('The pool was asked for its keys a moment ago.');
    },
    registerFailedAttempt() {
      failedAt = clock();
    },
    registerSuccessfulAttempt() {
      failedAt = undefined;
    },
  };
}

function personOf({ sub, username, 'cognito:groups': given }: JwtPayload): Person {
  if (sub === undefined || sub === '') throw new JwtParseError('It has no sub.');
  const name = typeof username === 'string' && username !== '' ? username : sub;
  const isIn = (group: keyof typeof groups) => Array.isArray(given) && given.includes(group);
  const group = isIn('operator') ? 'operator' : isIn('reader') ? 'reader' : undefined;
  if (group === undefined) {
    const all = Object.keys(groups).join(' and ');
    throw new Problem('forbidden', `${name} has signed in, and is in none of the groups ${all}.`);
  }
  return { role: groups[group], keyId: sub, name, holder: sub };
}

/** Faults of the pool, or of the way to it: they say nothing of the token. */
const faults = [FetchError, JwksValidationError, JwkValidationError, ParameterValidationError];

function problemOf(error: unknown): Error {
  if (!(error instanceof JwtBaseError)) return error as Error;
  const options = { cause: error };
  if (faults.some((fault) => error instanceof fault))
    return new Problem('unavailable', undefined, [], options);
  if (error instanceof JwtExpiredError) return new Problem('token_expired', undefined, [], options);
  return new Problem('invalid_token', detailOf(error), [], options);
}

function detailOf(error: JwtBaseError): string | undefined {
  if (error instanceof CognitoJwtInvalidTokenUseError) return 'This is another token than the access token.';
  if (error instanceof CognitoJwtInvalidClientIdError) return 'The token was made for another client.';
  if (error instanceof JwtParseError) return 'The token cannot be read.';
  return undefined;
}
