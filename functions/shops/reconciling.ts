/** What a shop has sold and given back, a page at a time, against what the ledger has of it. */
import type { ChangedPage } from '../../channels/adapter.ts';
import { Unreadable } from '../../channels/reading.ts';
import { Problem } from '../../core/contract/errors.ts';
import type { Reconciled } from '../../core/contract/shapes/channel.ts';
import type { Told } from '../../core/orders.ts';
import {
  type Observed,
  observeOrder,
  observeReturn,
  previewOrder,
  previewReturn,
  type Shop,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { keepChannel } from '../kit/references.ts';
import type { Answer, HttpRequest } from '../kit/serve.ts';
import { ask, ShopUnavailable } from './asking.ts';
import { apiOf, settingsOf, shopOf } from './shops.ts';
import { fetchOrder, isTooOld, subjectOf, type ToldDirectly } from './telling.ts';

type Item = Reconciled['items'][number];

/** Orders that a page names only are asked for, so many side by side. */
const asideMax = 5;

export async function reconcileChannel(
  { params, body }: HttpRequest<'reconcileChannel'>,
  deps: Deps,
): Promise<Answer> {
  const channel = (await deps.channels()).get(params.channelId);
  if (!channel) throw new Problem('not_found');
  const found = await apiOf(deps, channel);
  if (!found) throw new Problem('channel_without_api');
  const shop = await shopOf(deps, channel);
  const settings = settingsOf(channel);
  const { since, post } = body;
  // A shop's cursor may be an address, to which its token is sent: nobody else's is taken.
  const list = `reconcile ${channel.id} ${since}`;
  const cursor = decodeCursor(deps, list, body.cursor ?? undefined) ?? null;
  if (post) await keepChannel(deps, channel);
  try {
    const { answer, headers } = await ask(found.api.changed(since, cursor, settings, found.credentials));
    const page = pageOf(() => found.api.readChanged(answer, headers, settings));
    const items: Item[] = [];
    for (let at = 0; at < page.told.length; at += asideMax) {
      const some = page.told.slice(at, at + asideMax);
      items.push(...(await Promise.all(some.map((told) => compare(deps, shop, told, post)))).flat());
    }
    const next = page.cursor === null ? null : encodeCursor(deps, list, page.cursor);
    return { status: 200, body: { items, cursor: next } };
  } catch (error) {
    if (!(error instanceof ShopUnavailable)) throw error;
    const { message, retryAfterSeconds } = error;
    throw new Problem('shop_unavailable', message, [], {
      cause: error,
      ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
    });
  }
}

/** @throws ShopUnavailable where the shop answers with something else than a page */
function pageOf(read: () => ChangedPage): ChangedPage {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    throw new ShopUnavailable(`The shop's list cannot be read: ${cause.message}`, undefined, cause);
  }
}

async function compare(deps: Deps, shop: Shop, told: Told, post: boolean): Promise<Item[]> {
  if (told.type !== 'changed') return [itemOf(told, await outcomeOf(deps, shop, told, post), deps.now())];
  const reading = await fetchOrder(deps, shop, told.orderId);
  if (reading?.type === 'told') {
    const items: Item[] = [];
    for (const one of reading.told)
      if (one.type !== 'changed') items.push(itemOf(one, await outcomeOf(deps, shop, one, post), deps.now()));
    return items;
  }
  if (reading?.type !== 'unreadable') return [];
  return [{ orderId: told.orderId, purchases: [], refunds: [], refused: [reading.reason] }];
}

function outcomeOf({ ledger, now }: Deps, shop: Shop, told: ToldDirectly, post: boolean): Promise<Observed> {
  if (told.type === 'return')
    return post
      ? observeReturn(ledger, shop, told.refund, now())
      : previewReturn(ledger, shop, told.refund, now());
  return post ? observeOrder(ledger, shop, told, now()) : previewOrder(ledger, shop, told, now());
}

function itemOf(told: ToldDirectly, observed: Observed, now: number): Item {
  const orderId = subjectOf(told);
  if (observed.type === 'refused') {
    const errors = isTooOld(told, now) ? [] : observed.errors;
    const refused = errors.map(({ path, message }) => `${path} ${message}`);
    return { orderId, purchases: [], refunds: [], refused };
  }
  const purchases = observed.purchases.map(({ id, totalMinor, currency }) => ({ id, totalMinor, currency }));
  const refunds = observed.refunds.map(({ id, purchaseId = null }) => ({ id, purchaseId }));
  return { orderId, purchases, refunds, refused: [] };
}
