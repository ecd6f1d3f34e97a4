/** The vectors of each shop: what it posts or answers, and what is understood of it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer, Delivery, Reading, Settings } from '../../channels/adapter.ts';
import { adapters } from '../../channels/adapters.ts';
import { type PurchaseBody, purchase } from '../../core/contract/shapes/purchase.ts';
import { refund } from '../../core/contract/shapes/refund.ts';
import { refusePurchase } from '../../core/intake.ts';
import type { Told } from '../../core/orders.ts';
import { defaultProgram } from '../support/world.ts';

export type Shop = keyof typeof adapters;

export const shops = Object.keys(adapters) as Shop[];

export interface Vector {
  readonly name: string;
  /** What of a shop's life it shows. */
  readonly covers: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly settings?: Settings;
  /** One of three: JSON as it is posted, a body that may be none, or the answers of the shop's API. */
  readonly body?: unknown;
  readonly text?: string;
  readonly answers?: readonly Answer[];
  readonly expect: 'nothing' | { readonly told: readonly Told[] } | { readonly unreadable: string };
}

const folder = join(import.meta.dirname, '../../channels');

export function vectorsOf(shop: Shop): readonly Vector[] {
  const place = join(folder, shop, 'vectors');
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .sort()
    .flatMap((file) => JSON.parse(readFileSync(join(place, file), 'utf8')) as Vector[]);
}

export const postUrl = 'https://api.example.com/v1/channels/shop/deliveries';

export function deliveryOf({ headers = {}, body, text }: Vector): Delivery {
  return { body: Buffer.from(text ?? JSON.stringify(body)), headers, url: postUrl };
}

/** What its adapter makes of it. */
export function readingOf(shop: Shop, vector: Vector): Reading {
  const adapter = adapters[shop];
  const settings = vector.settings ?? {};
  if (!vector.answers) return adapter.read(deliveryOf(vector), settings);
  if (!adapter.api) throw new Error(`${shop} answers nothing.`);
  return adapter.api.readOrder(vector.answers, settings);
}

export function expected({ expect }: Vector): Reading {
  if (expect === 'nothing') return { type: 'nothing' };
  return 'told' in expect
    ? { type: 'told', told: expect.told }
    : { type: 'unreadable', reason: expect.unreadable };
}

/** Why the purchases and refunds that are made of what was told would be refused; undefined where they would not. */
export function refused(told: Told): unknown {
  switch (told.type) {
    case 'order': {
      const { id, sale, refunds = [] } = told.order;
      const parsed = sale && purchase.safeParse({ id, ...sale });
      if (parsed && !parsed.success) return parsed.error.issues;
      const wrong = refunds.flatMap(
        (one) => refund.safeParse({ ...one, purchaseId: id }).error?.issues ?? [],
      );
      return (parsed && refusedSum(parsed.data)) ?? (wrong.length > 0 ? wrong : undefined);
    }
    case 'refund':
      return refund.safeParse({ ...told.refund, purchaseId: told.orderId }).error?.issues;
    case 'return':
      return refund.safeParse(told.refund).error?.issues;
    case 'refund_failed':
    case 'changed':
      return undefined;
  }
}

/** Which currencies there are a rate for, and how old a sale may be, is the programme's and the door's matter. */
function refusedSum(sale: PurchaseBody): unknown {
  const currencies = { [sale.currency]: { points: 1, perMinor: 100 } };
  return refusePurchase(sale, { ...defaultProgram(), currencies }, Date.parse(sale.occurredAt));
}
