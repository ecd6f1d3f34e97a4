import { alreadyExists, badRequest, notFound, notYourIssuer, quotaExceeded } from './google-errors.ts';
import {
  CLASS_REQUIRED,
  type Fields,
  isRecord,
  LOYALTY_CLASS,
  LOYALTY_OBJECT,
  MESSAGE,
  missing,
  OBJECT_REQUIRED,
  type Violation,
  violations,
} from './google-fields.ts';
import { json, type Reply } from './http.ts';
import type { Resource, Store } from './store.ts';

/** Google: three notices, of updates and messages together, for one pass in 24 hours. */
const NOTICES_MAX = 3;
const NOTICES_MS = 24 * 60 * 60 * 1000;

const ID = /^\d+\.[A-Za-z0-9._-]+$/;

export type Body = Record<string, unknown>;

export interface Wallet {
  store: Store;
  /** Epoch milliseconds. */
  clock: () => number;
  /** The one issuer whose classes and objects the service account may write. */
  issuerId: string;
}

export interface ResourceType {
  kind: 'loyaltyClass' | 'loyaltyObject';
  /** The query parameter that a list needs, and whether a resource belongs to its value. */
  listedBy: string;
  isListed(resource: Resource, value: string): boolean;
  fields: Fields;
  required: readonly string[];
  /** What Google asks of the type beyond its fields. `current` is what is replaced, if anything. */
  check(wallet: Wallet, body: Body, next: Resource, current: Resource | undefined): Reply | undefined;
  /** The type's own last touch to what is kept. */
  settle(resource: Resource): Resource;
}

const CLASS: ResourceType = {
  kind: 'loyaltyClass',
  listedBy: 'issuerId',
  isListed: (resource, issuerId) => resource.id.startsWith(`${issuerId}.`),
  fields: LOYALTY_CLASS,
  required: CLASS_REQUIRED,
  check: (_, body, __, current) => {
    const violation = reviewViolation(body, current);
    return violation && badRequest([violation]);
  },
  // Google approves what it is given for review at once.
  settle: (resource) => ({
    ...resource,
    reviewStatus: resource['reviewStatus'] === 'DRAFT' ? 'DRAFT' : 'APPROVED',
  }),
};

export const OBJECT: ResourceType = {
  kind: 'loyaltyObject',
  listedBy: 'classId',
  isListed: (resource, classId) => resource['classId'] === classId,
  fields: LOYALTY_OBJECT,
  required: OBJECT_REQUIRED,
  check: (wallet, body, next, current) => {
    const balances = [
      ...balanceViolations(next, 'loyaltyPoints'),
      ...balanceViolations(next, 'secondaryLoyaltyPoints'),
    ];
    if (balances.length > 0) return badRequest(balances);
    const ownClass = wallet.store.get('loyaltyClass', String(next['classId']));
    if (!ownClass) return notFound(`Loyalty class "${next['classId']}"`);
    if (ownClass['reviewStatus'] === 'DRAFT') {
      return badRequest([{ field: 'classId', description: `Class "${ownClass.id}" is a draft.` }]);
    }
    const notifies = current !== undefined && body['notifyPreference'] === 'NOTIFY_ON_UPDATE';
    return notifies ? spendNotice(wallet, next.id) : undefined;
  },
  settle: (resource) => resource,
};

/** By the last part of the collection's path, `/walletobjects/v1/loyaltyObject`. */
export const RESOURCE_TYPES = new Map<string | undefined, ResourceType>([
  [CLASS.kind, CLASS],
  [OBJECT.kind, OBJECT],
]);

/** POST on a collection: 200 with the resource, 409 when its id is taken. */
export function insert(wallet: Wallet, type: ResourceType, body: Body): Reply {
  const id = body['id'];
  if (typeof id === 'string' && wallet.store.get(type.kind, id)) return alreadyExists(id);
  return write(wallet, type, body, withoutNulls(body), undefined);
}

/** PUT on a resource: replaced whole. */
export function update(wallet: Wallet, type: ResourceType, id: string, body: Body): Reply {
  const current = wallet.store.get(type.kind, id);
  if (!current) return notFound(`${type.kind} "${id}"`);
  return write(wallet, type, body, { id, ...withoutNulls(body) }, current);
}

/** PATCH on a resource: objects are merged, arrays replaced whole, nulls remove. */
export function patch(wallet: Wallet, type: ResourceType, id: string, body: Body): Reply {
  const current = wallet.store.get(type.kind, id);
  if (!current) return notFound(`${type.kind} "${id}"`);
  return write(wallet, type, body, merged(current, body), current);
}

/** `POST …/loyaltyObject/{id}/addMessage` `{ message }`: 200 `{ resource }`. */
export function addMessage(wallet: Wallet, id: string, body: Body): Reply {
  const current = wallet.store.get('loyaltyObject', id);
  if (!current) return notFound(`loyaltyObject "${id}"`);
  const { message } = body;
  if (!isRecord(message)) return badRequest([{ field: 'message', description: 'message is required.' }]);
  const wrong = [...violations(message, MESSAGE, 'message'), ...textViolations(message)];
  const messages = [...(Array.isArray(current['messages']) ? current['messages'] : []), message];
  const resource = { ...current, messages };
  wrong.push(...violations({ messages }, LOYALTY_OBJECT).filter(({ field }) => field === 'messages'));
  if (wrong.length > 0) return badRequest(wrong);
  const exhausted = message['messageType'] === 'TEXT_AND_NOTIFY' ? spendNotice(wallet, id) : undefined;
  if (exhausted) return exhausted;
  wallet.store.put('loyaltyObject', id, resource);
  return json(200, { resource });
}

function write(
  wallet: Wallet,
  type: ResourceType,
  body: Body,
  next: Body,
  current: Resource | undefined,
): Reply {
  const wrong = violations(body, type.fields);
  wrong.push(...missing(next, type.required), ...idViolations(next, current));
  if (wrong.length > 0) return badRequest(wrong);
  const resource: Resource = { ...next, id: String(next['id']) };
  if (!resource.id.startsWith(`${wallet.issuerId}.`)) return notYourIssuer(resource.id, wallet.issuerId);
  const refusal = type.check(wallet, body, resource, current);
  if (refusal) return refusal;
  // A notice is asked for with each request; Google does not remember the wish.
  const { notifyPreference: _, ...kept } = type.settle(resource);
  wallet.store.put(type.kind, resource.id, kept);
  return json(200, kept);
}

function idViolations(next: Body, current: Resource | undefined): Violation[] {
  const id = next['id'];
  if (typeof id !== 'string') return [];
  const field = 'id';
  if (current && id !== current.id)
    return [{ field, description: `"${id}" is not the "${current.id}" of the path.` }];
  return ID.test(id)
    ? []
    : [{ field, description: `"${id}" is not <issuer id>.<letters, digits, ".", "_", "-">.` }];
}

/**
 * A class goes to review with every write, even when it was approved long ago, and never back to draft.
 * Source: `reviewStatus` in Google's reference of LoyaltyClass.
 */
function reviewViolation(body: Body, current: Resource | undefined): Violation | undefined {
  const field = 'reviewStatus';
  const status = body[field];
  if (status !== 'UNDER_REVIEW' && status !== 'DRAFT') {
    return {
      field,
      description: `Invalid review status "${status}": every write must send UNDER_REVIEW or DRAFT.`,
    };
  }
  const reviewed = current !== undefined && current[field] !== 'DRAFT';
  return status === 'DRAFT' && reviewed
    ? { field, description: 'A class that was under review cannot be a draft again.' }
    : undefined;
}

/** Points need a balance, in exactly one of its four forms. */
function balanceViolations(resource: Resource, name: string): Violation[] {
  const points = resource[name];
  if (!isRecord(points)) return [];
  const field = `${name}.balance`;
  const forms = isRecord(points['balance']) ? Object.keys(points['balance']) : [];
  if (forms.length === 1) return [];
  return [
    {
      field,
      description: `Exactly one of string, int, double, money is required, not [${forms.join(', ')}].`,
    },
  ];
}

function textViolations(message: Body): Violation[] {
  return [
    ...(message['header'] || message['localizedHeader'] ? [] : missing(message, ['header'])),
    ...(message['body'] || message['localizedBody'] ? [] : missing(message, ['body'])),
  ].map(({ field, description }) => ({ field: `message.${field}`, description }));
}

/** Counts a notice against the object's quota, or refuses it. */
function spendNotice({ store, clock }: Wallet, id: string): Reply | undefined {
  const now = clock();
  const recent = (store.get('notices', id) ?? []).filter((at) => at > now - NOTICES_MS);
  if (recent.length >= NOTICES_MAX) return quotaExceeded(id, NOTICES_MAX);
  store.put('notices', id, [...recent, now]);
  return undefined;
}

function merged(target: Body, change: Body): Body {
  const result = { ...target };
  for (const [name, value] of Object.entries(change)) {
    const before = result[name];
    if (value === null) delete result[name];
    else if (isRecord(value)) result[name] = merged(isRecord(before) ? before : {}, value);
    else result[name] = value;
  }
  return result;
}

function withoutNulls(body: Body): Body {
  return merged({}, body);
}
