/** From what a shop tells to the ledger. */
import type { Answer, Ask, Reading } from '../../channels/adapter.ts';
import { backMaxMs } from '../../core/intake.ts';
import type { Told } from '../../core/orders.ts';
import {
  listUnreadable,
  type Observed,
  observeOrder,
  observeReturn,
  type Shop,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { keepChannel } from '../kit/references.ts';
import { ask } from './asking.ts';
import { apiOf, settingsOf } from './shops.ts';

export type ToldDirectly = Exclude<Told, { type: 'changed' }>;

export function subjectOf(told: Told): string {
  if (told.type === 'order') return told.order.id;
  return told.type === 'return' ? told.refund.id : told.orderId;
}

/**
 * Takes what is told. What cannot be posted is listed for operators.
 * @throws LedgerUnavailable when it is not certain to be taken: all of it is safe to repeat
 * @returns whether it was taken
 */
export async function take(deps: Deps, shop: Shop, told: ToldDirectly): Promise<boolean> {
  await keepChannel(deps, shop.channel);
  const now = deps.now();
  const observed: Observed =
    told.type === 'return'
      ? await observeReturn(deps.ledger, shop, told.refund, now)
      : await observeOrder(deps.ledger, shop, told, now);
  if (observed.type === 'taken') return true;
  // Shops go on telling of orders from long ago, as of each that is looked at again: nothing is wrong with that.
  if (isTooOld(told, now)) return false;
  const reason = observed.errors.map(({ path, message }) => `${path} ${message}`).join('; ');
  await listUnreadable(
    deps.ledger,
    { channel: shop.channel, subject: subjectOf(told), reason: `${reason}.`, body: JSON.stringify(told) },
    now,
  );
  return false;
}

/** Whether it is an order that the door would not let pass because of its age. */
export function isTooOld(told: ToldDirectly, now: number): boolean {
  const paidAt = told.type === 'order' ? told.order.sale?.occurredAt : undefined;
  return paidAt !== undefined && Date.parse(paidAt) < now - backMaxMs;
}

/**
 * Asks the shop for an order, with its refunds.
 * @returns undefined where the shop cannot be asked
 * @throws ShopUnavailable
 */
export async function fetchOrder(deps: Deps, shop: Shop, orderId: string): Promise<Reading | undefined> {
  const found = await apiOf(deps, shop.channel);
  if (!found) return undefined;
  const settings = settingsOf(shop.channel);
  const { api, credentials } = found;
  const first = await answersTo(api.order(orderId, settings, credentials));
  const more = await answersTo(api.more?.(first, settings, credentials) ?? []);
  return api.readOrder([...first, ...more], settings);
}

async function answersTo(asks: readonly Ask[]): Promise<Answer[]> {
  return (await Promise.all(asks.map(ask))).map(({ answer }) => answer);
}
