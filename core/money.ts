/**
 * How many digits of an amount in minor units are behind the point. ISO 4217 says it, and not Intl, which gives the
 * digits that prices are shown with: a forint has 2 by the standard and none in shops. Source: ISO 4217, list one
 * (SIX Financial Information), 2026: whatever is not named here has 2.
 */
const exponents: ReadonlyMap<string, number> = new Map([
  ...[
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'UYI',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF',
  ].map((code) => [code, 0] as const),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((code) => [code, 3] as const),
  ...['CLF', 'UYW'].map((code) => [code, 4] as const),
]);

const currencies = new Set(Intl.supportedValuesOf('currency'));

/** Whether a code is one of ISO 4217, those that are no longer paid with included. */
export function isCurrency(code: string): boolean {
  return currencies.has(code);
}

export function exponentOf(currency: string): number {
  return exponents.get(currency) ?? 2;
}
