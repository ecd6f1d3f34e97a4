import type { Violation } from './google-fields.ts';
import { json, type Reply } from './http.ts';

/**
 * A refusal in the form of Google's APIs: `{ error: { code, message, status, errors, details? } }`.
 * `reason` is what clients tell refusals apart by; `details` names the fields of a bad request.
 */
function refusal(code: number, status: string, reason: string, message: string, details?: unknown[]): Reply {
  const errors = [{ message, domain: 'walletobjects', reason }];
  return json(code, { error: { code, message, status, errors, ...(details && { details }) } });
}

/** 400, with every violation both in the message and, machine-readable, in `details`. */
export function badRequest(violations: Violation[]): Reply {
  const message = violations.map(({ field, description }) => `${field}: ${description}`).join(' ');
  const details = [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations }];
  return refusal(400, 'INVALID_ARGUMENT', 'badRequest', message, details);
}

export function unparsable(): Reply {
  return refusal(400, 'INVALID_ARGUMENT', 'parseError', 'The body is not a JSON object.');
}

export function unauthenticated(): Reply {
  const message = 'Request had invalid authentication credentials. Expected an OAuth 2 access token.';
  return refusal(401, 'UNAUTHENTICATED', 'authError', message);
}

export function notYourIssuer(id: string, issuerId: string): Reply {
  const message = `This account may write for issuer ${issuerId} only, not "${id}".`;
  return refusal(403, 'PERMISSION_DENIED', 'permissionDenied', message);
}

export function quotaExceeded(id: string, noticesMax: number): Reply {
  const message = `"${id}" has had its ${noticesMax} notices of the last 24 hours. Update it without a notice.`;
  return refusal(403, 'PERMISSION_DENIED', 'quotaExceeded', message);
}

export function notFound(what: string): Reply {
  return refusal(404, 'NOT_FOUND', 'resourceNotFound', `${what} was not found.`);
}

export function alreadyExists(id: string): Reply {
  return refusal(409, 'ALREADY_EXISTS', 'existingResource', `"${id}" already exists.`);
}

/** A failure that a test asked for. */
export function scripted(status: number, reason: string): Reply {
  return refusal(status, 'SCRIPTED', reason, 'A test asked for this failure.');
}
