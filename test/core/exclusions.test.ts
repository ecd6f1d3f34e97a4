/** Lines that earn nothing, each by what the programme says of it, and no other. */
import { expect, it } from 'vitest';
import { exclusionsOf } from '../../core/exclusions.ts';
import { defaultProgram } from '../support/world.ts';

const excluded = { skus: ['GIFT-25'], prefixes: ['SVC-', 'X'], brands: ['Leica'] };

it.each([
  [{ sku: 'ESP-250' }, undefined],
  [{ sku: 'ESP-250', category: 'coffee', brand: 'Illy' }, undefined],
  // What the programme excludes, and what only settles a sum whatever the programme says.
  [{ sku: 'ESP-250', category: 'gift-card' }, 'gift-card earns nothing'],
  [{ sku: 'ESP-250', category: 'deposit' }, 'deposit earns nothing'],
  [{ sku: 'ESP-250', category: 'rounding' }, 'rounding earns nothing'],
  [{ sku: 'GIFT-25' }, 'the article GIFT-25 earns nothing'],
  [{ sku: 'GIFT-250' }, undefined],
  [{ sku: 'M11', brand: 'Leica' }, 'the brand Leica earns nothing'],
  [{ sku: 'SVC-9' }, 'articles that begin with SVC- earn nothing'],
  [{ sku: 'X1' }, 'articles that begin with X earn nothing'],
  // An article has to begin so: that it ends so says nothing.
  [{ sku: '1-SVC-' }, undefined],
  [{ sku: '1X' }, undefined],
])('%j earns or earns nothing: %s', (line, reason) => {
  expect(exclusionsOf(defaultProgram({ excluded })).reason(line)).toBe(reason);
});

it('what excludes no article excludes categories alone', () => {
  const { reason } = exclusionsOf(defaultProgram({ excludedCategories: ['coffee'] }));
  expect(reason({ sku: 'GIFT-25', brand: 'Leica', category: 'tea' })).toBeUndefined();
  expect(reason({ sku: 'GIFT-25', category: 'coffee' })).toBe('coffee earns nothing');
});
