/**
 * A channel's history, posted by an operator: purchases and refunds of any age, straight into the ledger and in their
 * order. What a channel sends by itself goes over the bus and is held to 400 days; who imports answers for the dates.
 */
import { type FieldError, fieldErrors, Problem } from '../../core/contract/errors.ts';
import { type Channel, fullId, scopedId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { purchase as purchaseSchema } from '../../core/contract/shapes/purchase.ts';
import { refund as refundSchema } from '../../core/contract/shapes/refund.ts';
import { anyAge, type Refusal, refusePurchase, refuseRefund } from '../../core/intake.ts';
import type { Program } from '../../core/program.ts';
import { LedgerUnavailable, noteImport, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { withPhone } from '../kit/contact.ts';
import { bodyBytesMax, wrongIn } from '../kit/json.ts';
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

/** @throws Problem when the item may not be posted */
async function postItem(deps: Deps, program: Program, channel: Channel, item: unknown) {
  const now = deps.now();
  const wrong = wrongIn(item, '', bodyBytesMax);
  refuse(wrong && [wrong]);
  const { type, ...body } = Object(item) as { readonly type?: unknown };
  if (type === 'refund') {
    const parsed = refundSchema.safeParse(body);
    if (!parsed.success) throw new Problem('invalid_request', undefined, fieldErrors(parsed.error));
    const { purchaseId, ...refund } = parsed.data;
    refuseBy(refuseRefund(refund, now, 0, anyAge));
    const of = purchaseId === undefined ? {} : { purchaseId: fullId(channel, purchaseId) };
    const id = scopedId(channel, refund.id);
    return recordRefund(
      deps.ledger,
      program,
      { ...refund, ...reference(refund.member), channel, id, ...of },
      now,
    );
  }
  const parsed = purchaseSchema.safeParse(type === undefined ? body : item);
  if (!parsed.success) throw new Problem('invalid_request', undefined, fieldErrors(parsed.error));
  const purchase = parsed.data;
  refuseBy(refusePurchase(purchase, program, now, 0, anyAge));
  const id = scopedId(channel, purchase.id);
  return recordPurchase(
    deps.ledger,
    program,
    { ...purchase, ...reference(purchase.member), channel, id },
    now,
  );
}

/** What became of one item: whatever is wrong with it, the others are posted. */
async function resultOf(deps: Deps, program: Program, channel: Channel, item: unknown, requestId: string) {
  const own = (item as { id?: unknown } | null)?.id;
  const id = typeof own === 'string' ? own : null;
  try {
    return { id, status: (await postItem(deps, program, channel, item)).type };
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
  const { channel, items } = body;
  // Before anything is posted: a repeat changes nothing and is written down like the first.
  await noteImport(deps.ledger, operatorOf(caller), channel, items.length, deps.now());
  const results = [];
  for (const item of items) results.push(await resultOf(deps, program, channel, item, requestId));
  return { status: 200, body: { results } };
}
