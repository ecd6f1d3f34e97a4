/**
 * A channel's history, posted by an operator: purchases and refunds of any age, straight into the ledger and in their
 * order. What a channel sends by itself goes over the bus and is held to 400 days; who imports answers for the dates.
 */
import { type Channel, type Channels, sellerOf } from '../../core/channels.ts';
import { type FieldError, fieldErrors, Problem } from '../../core/contract/errors.ts';
import { scopedId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { purchase as purchaseSchema } from '../../core/contract/shapes/purchase.ts';
import { refund as refundSchema } from '../../core/contract/shapes/refund.ts';
import { anyAge, type Refusal, refuseId, refusePurchase, refuseRefund } from '../../core/intake.ts';
import type { Program } from '../../core/program.ts';
import { LedgerUnavailable, noteImport, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { withPhone } from '../kit/contact.ts';
import { bodyBytesMax, wrongIn } from '../kit/json.ts';
import { channelAt, keepChannel, purchaseIdAt } from '../kit/references.ts';
import { type Answer, type HttpRequest, operatorOf } from '../kit/serve.ts';
import { programOf } from '../members/present.ts';

function refuse(errors: readonly FieldError[] | undefined): void {
  if (errors) throw new Problem('invalid_request', undefined, errors);
}

function refuseBy(refusal: Refusal | undefined): void {
  if (refusal) throw new Problem(refusal.code, undefined, refusal.errors);
}

function reference(member: MemberReference | undefined): { member: MemberReference } | undefined {
  return member && { member: withPhone(member, 'member.phone') };
}

/** Whose history it is, and by which rules. */
interface Importing {
  readonly program: Program;
  readonly channel: Channel;
  readonly channels: Channels;
}

/** @throws Problem when the item may not be posted */
async function postItem(deps: Deps, { program, channel, channels }: Importing, item: unknown) {
  const now = deps.now();
  const wrong = wrongIn(item, '', bodyBytesMax);
  refuse(wrong && [wrong]);
  const { type, ...body } = Object(item) as { readonly type?: unknown };
  if (type === 'refund') {
    const parsed = refundSchema.safeParse(body);
    if (!parsed.success) throw new Problem('invalid_request', undefined, fieldErrors(parsed.error));
    const { purchaseId, ...refund } = parsed.data;
    refuseBy(refuseId(refund.id, channels) ?? refuseRefund(refund, now, 0, anyAge));
    const of =
      purchaseId === undefined
        ? {}
        : { purchaseId: purchaseIdAt('purchaseId', channel.id, purchaseId, channels) };
    const id = scopedId(channel.id, refund.id);
    return recordRefund(
      deps.ledger,
      program,
      { ...refund, ...reference(refund.member), channel: channel.id, id, ...of },
      now,
    );
  }
  const parsed = purchaseSchema.safeParse(type === undefined ? body : item);
  if (!parsed.success) throw new Problem('invalid_request', undefined, fieldErrors(parsed.error));
  const purchase = parsed.data;
  refuseBy(refuseId(purchase.id, channels) ?? refusePurchase(purchase, program, now, 0, anyAge));
  const id = scopedId(channel.id, purchase.id);
  return recordPurchase(
    deps.ledger,
    program,
    { ...purchase, ...reference(purchase.member), ...sellerOf(channel), id },
    now,
  );
}

/** What became of one item: whatever is wrong with it, the others are posted. */
async function resultOf(deps: Deps, importing: Importing, item: unknown, requestId: string) {
  const own = (item as { id?: unknown } | null)?.id;
  const id = typeof own === 'string' ? own : null;
  try {
    return { id, status: (await postItem(deps, importing, item)).type };
  } catch (error) {
    if (error instanceof LedgerUnavailable) throw error;
    if (!(error instanceof Problem)) throw error;
    return { id, status: 'rejected' as const, error: error.body(requestId) };
  }
}

export async function importItems(
  { body, caller, requestId }: HttpRequest<'importItems'>,
  deps: Deps,
): Promise<Answer> {
  const program = await programOf(deps);
  const { items } = body;
  const channels = await deps.channels();
  const channel = channelAt('channel', body.channel, channels);
  await keepChannel(deps, channel);
  // Before anything is posted: a repeat changes nothing and is written down like the first.
  await noteImport(deps.ledger, operatorOf(caller), channel.id, items.length, deps.now());
  const results = [];
  for (const item of items)
    results.push(await resultOf(deps, { program, channel, channels }, item, requestId));
  return { status: 200, body: { results } };
}
