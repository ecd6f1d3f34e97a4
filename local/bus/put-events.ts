/**
 * EventBridge's `PutEvents`: every entry is checked and answered on its own, and the accepted events are in
 * all their target queues before the answer goes out.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
import { randomUUID } from 'node:crypto';
import type { Outgoing } from '../queues/store.ts';
import type { BusSpec, RuleSpec } from '../resources/buses.ts';
import { ACCOUNT, REGION } from '../template/intrinsics.ts';
import { isObject, type Json, readJson } from './json.ts';

export interface PutEventsEntry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
  readonly Resources?: readonly string[];
  /** Seconds since 1970. */
  readonly Time?: number;
}

export type PutEventsResult =
  | { readonly EventId: string }
  | { readonly ErrorCode: string; readonly ErrorMessage: string };

export type PutEventsAnswer =
  | { readonly ok: true; readonly results: readonly PutEventsResult[] }
  | { readonly ok: false; readonly type: string; readonly message: string };

export interface Bus {
  readonly buses: readonly BusSpec[];
  readonly rules: readonly Omit<RuleSpec, 'eventPattern'>[];
  clock(): number;
  /** Writes all messages or none. */
  send(messages: readonly Outgoing[]): void;
}

const ENTRIES_MAX = 10;
/** One megabyte for all entries together, as raised from 256 KB in January 2026. */
const BYTES_MAX = 1024 * 1024;

export function putEvents(bus: Bus, entries: unknown): PutEventsAnswer {
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > ENTRIES_MAX) {
    return invalid(`1 validation error detected: Value at 'entries' must have 1 to ${ENTRIES_MAX} members`);
  }
  const list = entries as readonly PutEventsEntry[];
  const size = list.reduce((sum, entry) => sum + sizeOf(entry), 0);
  if (size > BYTES_MAX)
    return invalid(`Total size of the entries in the request is over the limit: ${size} bytes.`);
  const results: PutEventsResult[] = [];
  const messages: Outgoing[] = [];
  for (const entry of list) {
    const fault = faultOf(bus, entry);
    if (fault) {
      results.push(fault);
      continue;
    }
    const id = randomUUID();
    messages.push(...route(bus, entry, id));
    results.push({ EventId: id });
  }
  bus.send(messages);
  return { ok: true, results };
}

function invalid(message: string): PutEventsAnswer {
  return { ok: false, type: 'ValidationException', message };
}

/** Why the entry is refused, with the messages of the service. */
function faultOf(bus: Bus, entry: PutEventsEntry): PutEventsResult | undefined {
  if (!isText(entry.Source))
    return argument('Parameter Source is not valid. Reason: Source is a required argument.');
  if (entry.Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  if (!isText(entry.DetailType)) {
    return argument('Parameter DetailType is not valid. Reason: DetailType is a required argument.');
  }
  if (!isText(entry.Detail))
    return argument('Parameter Detail is not valid. Reason: Detail is a required argument.');
  if (parseObject(entry.Detail) === undefined) {
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  }
  const name = entry.EventBusName ?? 'default';
  if (!bus.buses.some((known) => known.name === name || known.arn === name)) {
    return { ErrorCode: 'InvalidEventBusNameException', ErrorMessage: `Event bus ${name} does not exist.` };
  }
  return undefined;
}

function argument(message: string): PutEventsResult {
  return { ErrorCode: 'InvalidArgument', ErrorMessage: message };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The queues' messages for one event: its envelope, for each target of each rule that matches. */
function route({ buses, rules, clock }: Bus, entry: PutEventsEntry, id: string): Outgoing[] {
  const at = entry.Time === undefined ? clock() : entry.Time * 1000;
  const event: { [name: string]: Json } = {
    version: '0',
    id,
    'detail-type': entry.DetailType ?? '',
    source: entry.Source ?? '',
    account: ACCOUNT,
    time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    region: REGION,
    resources: [...(entry.Resources ?? [])],
    detail: parseObject(entry.Detail ?? '') ?? {},
  };
  const busName = buses.find(({ name, arn }) => [name, arn].includes(entry.EventBusName ?? 'default'))?.name;
  const body = JSON.stringify(event);
  const read = { ...event, detail: readJson(entry.Detail ?? '{}') };
  return rules
    .filter((rule) => rule.busName === busName && rule.pattern.matches(read))
    .flatMap(({ queueArns }) => queueArns.map((queueArn) => ({ queueArn, body })));
}

function parseObject(text: string): { [name: string]: Json } | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // The caller refuses the entry for it.
  }
}

/** Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html, entry size. */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources = [] }: PutEventsEntry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}
