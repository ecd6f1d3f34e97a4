/** The door for purchases and refunds: checked, put on the bus, answered. The ledger is written behind it. */
import type { Channel, Channels } from '../../core/channels.ts';
import { type FieldError, fieldErrors, Problem } from '../../core/contract/errors.ts';
import { busSources, eventBytesMax } from '../../core/contract/events.ts';
import { scopedId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import {
  type PurchaseBody,
  purchase as purchaseSchema,
  type RecordedPurchase,
} from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund, RefundBody } from '../../core/contract/shapes/refund.ts';
import { type Refusal, refuseId, refusePurchase, refuseRefund } from '../../core/intake.ts';
import type { Program } from '../../core/program.ts';
import type { Deps } from '../deps.ts';
import { type BusEvent, eventBytes } from '../kit/bus.ts';
import { withPhone } from '../kit/contact.ts';
import { bodyBytesMax, wrongIn } from '../kit/json.ts';
import { purchaseIdAt } from '../kit/references.ts';
import { type Caller, serve } from '../kit/serve.ts';
import { programOf } from '../members/present.ts';

/** Which channel sends something, and by which request: what is delivered again is known by that. */
interface Sender {
  readonly channel: Channel;
  /** All that there are: purchases may be named by them. */
  readonly channels: Channels;
  readonly requestId: string;
}

async function senderOf(caller: Caller, requestId: string, deps: Deps): Promise<Sender> {
  if (caller.role !== 'channel') throw new Problem('forbidden');
  return { channel: caller.channel, channels: await deps.channels(), requestId };
}

function refuse(refusal: Refusal | undefined): void {
  if (refusal) throw new Problem(refusal.code, undefined, refusal.errors);
}

function reference(member: MemberReference | undefined): { member: MemberReference } | undefined {
  return member && { member: withPhone(member, 'member.phone') };
}

/**
 * An event that the bus can take.
 * @throws Problem `payload_too_large` when it could not: a body of the largest size is larger as an event
 */
function fitting(event: BusEvent): BusEvent {
  const bytes = eventBytes(event);
  if (bytes <= eventBytesMax) return event;
  throw new Problem(
    'payload_too_large',
    `As an event it has ${bytes} bytes, and an event has at most ${eventBytesMax}.`,
  );
}

/** @throws Problem when the purchase may not pass the door */
function purchaseEvent(sender: Sender, program: Program, body: PurchaseBody, now: number): BusEvent {
  const { id: channel, kind } = sender.channel;
  refuse(refuseId(body.id, sender.channels) ?? refusePurchase(body, program, now));
  const data: RecordedPurchase = {
    ...body,
    ...reference(body.member),
    channel,
    id: scopedId(channel, body.id),
  };
  return fitting({
    source: busSources[kind],
    name: 'PurchaseRecorded',
    detail: { version: 1, idempotencyKey: sender.requestId, data },
  });
}

function refundEvent(sender: Sender, body: RefundBody, now: number): BusEvent {
  const { id: channel, kind } = sender.channel;
  refuse(refuseId(body.id, sender.channels) ?? refuseRefund(body, now));
  const { purchaseId, ...rest } = body;
  const data: RecordedRefund = {
    ...rest,
    ...reference(body.member),
    channel,
    id: scopedId(channel, body.id),
    ...(purchaseId === undefined
      ? {}
      : { purchaseId: purchaseIdAt('purchaseId', channel, purchaseId, sender.channels) }),
  };
  return fitting({
    source: busSources[kind],
    name: 'PurchaseRefunded',
    detail: { version: 1, idempotencyKey: sender.requestId, data },
  });
}

type Checked = { readonly id: string | null } & (
  | { readonly event: BusEvent }
  | { readonly problem: Problem }
);

/** One item of a batch, checked by itself. */
function checkItem(sender: Sender, program: Program, item: unknown, now: number): Checked {
  const own = (item as { id?: unknown } | null)?.id;
  const id = typeof own === 'string' ? own : null;
  const refused = (errors: readonly FieldError[]) => ({
    id,
    problem: new Problem('invalid_request', undefined, errors),
  });
  const wrong = wrongIn(item, '', bodyBytesMax);
  if (wrong) return refused([wrong]);
  const parsed = purchaseSchema.safeParse(item);
  if (!parsed.success) return refused(fieldErrors(parsed.error));
  try {
    return { id, event: purchaseEvent(sender, program, parsed.data, now) };
  } catch (error) {
    if (error instanceof Problem) return { id, problem: error };
    throw error;
  }
}

export const handler = serve('intake', {
  async recordPurchase({ body, caller, requestId }, deps) {
    const sender = await senderOf(caller, requestId, deps);
    const event = purchaseEvent(sender, await programOf(deps), body, deps.now());
    const [taken] = await deps.bus.put([event]);
    if (!taken) throw new Problem('unavailable', 'The bus did not take the purchase for certain.');
    return { status: 202, body: { purchaseId: scopedId(sender.channel.id, body.id), status: 'accepted' } };
  },

  async recordPurchases({ body, caller, requestId }, deps) {
    const program = await programOf(deps);
    const now = deps.now();
    const sender = await senderOf(caller, requestId, deps);
    const items = body.purchases.map((item) => checkItem(sender, program, item, now));
    const taken = await deps.bus.put(items.flatMap((item) => ('event' in item ? [item.event] : [])));
    let next = 0;
    const results = items.map((item) => {
      const problem =
        'problem' in item ? item.problem : taken[next++] ? undefined : new Problem('unavailable');
      return problem
        ? { id: item.id, status: 'rejected' as const, error: problem.body(requestId) }
        : { id: item.id, status: 'accepted' as const };
    });
    return { status: 200, body: { results } };
  },

  async recordRefund({ body, caller, requestId }, deps) {
    const sender = await senderOf(caller, requestId, deps);
    const event = refundEvent(sender, body, deps.now());
    const [taken] = await deps.bus.put([event]);
    if (!taken) throw new Problem('unavailable', 'The bus did not take the refund for certain.');
    return { status: 202, body: { refundId: scopedId(sender.channel.id, body.id), status: 'accepted' } };
  },
});
