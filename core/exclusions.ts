/**
 * Lines that earn nothing: those that only settle a sum, and what the programme excludes, by category, article, the
 * beginning of articles, or brand.
 */
import { type RecordedPurchase, settlementCategories } from './contract/shapes/purchase.ts';
import type { ProgramDocument } from './program.ts';

type Line = RecordedPurchase['lines'][number];

export interface Exclusions {
  /** Why a line earns nothing, as a sentence without full stop; undefined where it earns. */
  readonly reason: (line: Pick<Line, 'sku' | 'category' | 'brand'>) => string | undefined;
}

export function exclusionsOf({ excludedCategories, excluded = {} }: ProgramDocument): Exclusions {
  const categories = new Set([...excludedCategories, ...settlementCategories]);
  const skus = new Set(excluded.skus);
  const brands = new Set(excluded.brands);
  const prefixes = excluded.prefixes ?? [];
  return {
    reason: ({ sku, category, brand }) => {
      if (category !== undefined && categories.has(category)) return `${category} earns nothing`;
      if (skus.has(sku)) return `the article ${sku} earns nothing`;
      if (brand !== undefined && brands.has(brand)) return `the brand ${brand} earns nothing`;
      const prefix = prefixes.find((one) => sku.startsWith(one));
      return prefix === undefined ? undefined : `articles that begin with ${prefix} earn nothing`;
    },
  };
}
