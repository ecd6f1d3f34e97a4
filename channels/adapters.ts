/** The shops that channels can be connected to, a line each. */
import type { Adapter } from './adapter.ts';
import { bigcommerce } from './bigcommerce/index.ts';
import { saleor } from './saleor/index.ts';
import { shopify } from './shopify/index.ts';
import { square } from './square/index.ts';
import { stripe } from './stripe/index.ts';
import { woocommerce } from './woocommerce/index.ts';

export const adapters = {
  shopify,
  woocommerce,
  square,
  stripe,
  bigcommerce,
  saleor,
} as const satisfies Record<string, Adapter>;
