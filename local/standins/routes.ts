import type { ScriptedFailure } from './apns.ts';
import type { GoogleWallet } from './google.ts';
import { type Fault, parseFault } from './google-faults.ts';
import { isRecord } from './google-fields.ts';
import { pathSegments } from './http.ts';
import { connectionFailures, type Message, type Push, type Resource, type ScriptedAnswer } from './store.ts';

/** An answer of the local run's own routes. */
export interface LocalReply {
  status: number;
  contentType: string;
  body: string;
}

/** What the routes show and change. */
export interface Inspected {
  rootCertificate: string;
  pushes(): Push[];
  messages(): Message[];
  googleObject(id: string): Resource | undefined;
  failNextPush(failure: ScriptedFailure): void;
  failNextPushes(pushToken: string, failures: readonly ScriptedAnswer[]): void;
  calmApple(): void;
  failGoogle(fault: Fault): void;
  calmGoogle(): void;
}

export interface FieldError {
  path: string;
  message: string;
}

/**
 * `GET /local/apns`, `/local/messages`, `/local/google/objects/{id}`, `/local/ca.pem` and
 * `POST /local/apns/respond` and `/local/google/respond`, each with `DELETE` for an end of all failures. Undefined for a path that belongs to somebody else.
 */
export function answerLocal(
  inspected: Inspected,
  method: string,
  path: string,
  body: string | undefined,
): LocalReply | undefined {
  const [local, ...rest] = pathSegments(path.split('?')[0] ?? '');
  if (local !== 'local') return undefined;
  switch (rest.slice(0, 2).join('/')) {
    case 'apns':
      return only('GET', method, () => json(200, { pushes: inspected.pushes() }));
    case 'apns/respond':
      if (method === 'DELETE') return calmed(inspected.calmApple);
      return only('POST', method, () => respond(inspected, body));
    case 'google/respond':
      if (method === 'DELETE') return calmed(inspected.calmGoogle);
      return only('POST', method, () => respondFromGoogle(inspected, body));
    case 'messages':
      return only('GET', method, () => json(200, { messages: inspected.messages() }));
    case 'google/objects':
      return rest.length === 3
        ? only('GET', method, () => googleObject(inspected, rest[2] ?? ''))
        : undefined;
    case 'ca.pem':
      return only('GET', method, () => {
        return { status: 200, contentType: 'application/x-pem-file', body: inspected.rootCertificate };
      });
    default:
      return undefined;
  }
}

function only(allowed: string, method: string, answer: () => LocalReply): LocalReply {
  if (method === allowed) return answer();
  return problem(405, 'Method not allowed', 'method_not_allowed', `Use ${allowed}, not ${method}.`);
}

function googleObject(inspected: Inspected, id: string): LocalReply {
  const object = inspected.googleObject(id);
  return object ? json(200, object) : noObject(id);
}

function noObject(id: string): LocalReply {
  return problem(404, 'Not found', 'not_found', `Google Wallet holds no loyalty object "${id}".`);
}

function calmed(calm: () => void): LocalReply {
  calm();
  return json(200, {});
}

/** One failure, or `faults`: those that the next pushes meet in turn. */
function respond(inspected: Inspected, body: string | undefined): LocalReply {
  const value = parse(body ?? '');
  if (isRecord(value) && Array.isArray(value['faults'])) return respondInTurn(inspected, value);
  const failure = parseFailure(value);
  if (Array.isArray(failure)) return invalid(failure);
  inspected.failNextPush(failure);
  return json(200, failure);
}

function respondInTurn(
  inspected: Inspected,
  { pushToken, faults, ...others }: Record<string, unknown>,
): LocalReply {
  const errors = unknownFields(others);
  const failures: ScriptedAnswer[] = [];
  for (const [index, fault] of (faults as unknown[]).entries()) {
    const failure = parseFailure(isRecord(fault) ? { ...fault, pushToken } : fault);
    if (Array.isArray(failure))
      errors.push(...failure.map(({ path, message }) => ({ path: `faults.${index}.${path}`, message })));
    else {
      const { pushToken: _, ...answer } = failure;
      failures.push(answer);
    }
  }
  if (failures.length === 0) errors.push({ path: 'faults', message: 'Must hold at least one failure.' });
  if (errors.length > 0) return invalid(errors);
  inspected.failNextPushes(String(pushToken), failures);
  return json(200, { pushToken, faults: failures });
}

/** One failure, or `faults`: those that the next requests to Google meet in turn. */
function respondFromGoogle(inspected: Inspected, body: string | undefined): LocalReply {
  const value = parse(body ?? '');
  if (isRecord(value) && Array.isArray(value['faults'])) return respondFromGoogleInTurn(inspected, value);
  const fault = parseFault(value);
  if (Array.isArray(fault)) return invalid(fault);
  inspected.failGoogle(fault);
  return json(200, fault);
}

function respondFromGoogleInTurn(
  inspected: Inspected,
  { faults, ...others }: Record<string, unknown>,
): LocalReply {
  const errors = unknownFields(others);
  const parsed: Fault[] = [];
  for (const [index, one] of (faults as unknown[]).entries()) {
    const fault = parseFault(one);
    if (Array.isArray(fault))
      errors.push(...fault.map(({ path, message }) => ({ path: `faults.${index}.${path}`, message })));
    else parsed.push(fault);
  }
  if (parsed.length === 0) errors.push({ path: 'faults', message: 'Must hold at least one failure.' });
  if (errors.length > 0) return invalid(errors);
  for (const fault of parsed) inspected.failGoogle(fault);
  return json(200, { faults: parsed });
}

/** `POST /local/google/callback` `{ objectId, eventType }`: what the running system answered Google. */
export async function tellIssuer(tell: GoogleWallet['tell'], body: string): Promise<LocalReply> {
  const value = parse(body);
  const { objectId, eventType, ...others } = isRecord(value) ? value : {};
  const errors = Object.keys(others).map((path) => ({ path, message: 'Unknown field.' }));
  if (typeof objectId !== 'string') errors.push({ path: 'objectId', message: 'Must be an object’s id.' });
  if (eventType !== 'save' && eventType !== 'del') {
    errors.push({ path: 'eventType', message: 'Must be "save" or "del".' });
    return invalid(errors);
  }
  if (errors.length > 0) return invalid(errors);
  const answer = await tell(String(objectId), eventType);
  return answer ? json(200, answer) : noObject(String(objectId));
}

export function invalid(errors: FieldError[]): LocalReply {
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join(' ');
  return problem(400, 'Invalid request', 'invalid_request', detail, errors);
}

/** The failure that the body asks for, or everything wrong with it. */
function parseFailure(value: unknown): ScriptedFailure | FieldError[] {
  if (!isRecord(value)) return [{ path: '', message: 'The body must be a JSON object.' }];
  const { pushToken } = value;
  const errors =
    typeof pushToken === 'string' && pushToken !== ''
      ? []
      : [{ path: 'pushToken', message: `Must be a push token, not ${JSON.stringify(pushToken)}.` }];
  const failure = value['connection'] === undefined ? parseAnswer(value) : parseConnection(value);
  if (!Array.isArray(failure) && errors.length === 0) return { pushToken: String(pushToken), ...failure };
  return [...errors, ...(Array.isArray(failure) ? failure : [])];
}

function parseConnection({ pushToken: _, connection, ...others }: Record<string, unknown>) {
  const how = connectionFailures.find((one) => one === connection);
  const errors = unknownFields(others);
  if (how !== undefined && errors.length === 0) return { connection: how };
  if (how !== undefined) return errors;
  const message = `Must be ${connectionFailures.join(' or ')}, not ${JSON.stringify(connection)}.`;
  return [...errors, { path: 'connection', message }];
}

function parseAnswer({
  pushToken: _,
  status,
  reason,
  timestamp,
  retryAfter,
  ...others
}: Record<string, unknown>) {
  const errors = unknownFields(others);
  if (!Number.isInteger(status) || Number(status) < 400 || Number(status) > 599) {
    errors.push({
      path: 'status',
      message: `Must be a status from 400 to 599, not ${JSON.stringify(status)}.`,
    });
  }
  if (typeof reason !== 'string' || reason === '') {
    errors.push({
      path: 'reason',
      message: `Must be Apple's reason, as "Unregistered", not ${JSON.stringify(reason)}.`,
    });
  }
  if (timestamp !== undefined && !Number.isSafeInteger(timestamp)) {
    errors.push({
      path: 'timestamp',
      message: `Must be epoch milliseconds, not ${JSON.stringify(timestamp)}.`,
    });
  }
  if (retryAfter !== undefined && !(Number.isInteger(retryAfter) && Number(retryAfter) > 0)) {
    errors.push({ path: 'retryAfter', message: `Must be whole seconds, not ${JSON.stringify(retryAfter)}.` });
  }
  if (errors.length > 0) return errors;
  return {
    status: Number(status),
    reason: String(reason),
    ...(timestamp !== undefined && { timestamp: Number(timestamp) }),
    ...(retryAfter !== undefined && { retryAfter: Number(retryAfter) }),
  };
}

export function unknownFields(others: Record<string, unknown>): FieldError[] {
  return Object.keys(others).map((path) => ({ path, message: 'Unknown field.' }));
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Answered as a body that is no object.
  }
}

function json(status: number, value: unknown): LocalReply {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

/** RFC 9457, as the API itself answers. */
function problem(
  status: number,
  title: string,
  code: string,
  detail: string,
  errors: FieldError[] = [],
): LocalReply {
  const body = JSON.stringify({ type: 'about:blank', title, status, code, detail, errors });
  return { status, contentType: 'application/problem+json', body };
}
