/** What bundles leave out of libphonenumber-js: of a number functions ask its E.164, and whether it can be one. */
import type { Plugin } from 'esbuild';

type Plan = readonly unknown[];
type Plans = Readonly<Record<string, Plan>>;
interface NumberingData {
  readonly country_calling_codes: Readonly<Record<string, readonly string[]>>;
  readonly countries: Plans;
  readonly nonGeographic: Plans;
}

/** The places of a plan, as libphonenumber-js's METADATA.md has them. */
const at = {
  internationalPrefix: 1,
  pattern: 2,
  formats: 4,
  nationalPrefix: 5,
  nationalPrefixRule: 7,
} as const;
const unasked: readonly number[] = [at.internationalPrefix, at.formats, 6, 9, 11, 12];

/**
 * Google's numbering data without what functions do not ask for, three quarters of it: of each plan how its numbers are
 * written and are dialled from abroad, and what kinds of lines it has. The pattern of its numbers decides whether a
 * prefix is a part of one, so that a plan without prefixes needs none.
 */
export function shortPlans<T extends NumberingData>(data: T): T {
  const shortened = (plans: Plans) =>
    Object.fromEntries(Object.entries(plans).map(([name, plan]) => [name, shortPlan(plan)]));
  return { ...data, countries: shortened(data.countries), nonGeographic: shortened(data.nonGeographic) };
}

function shortPlan(plan: Plan): Plan {
  const hasPrefix = Boolean(plan[at.nationalPrefix] || plan[at.nationalPrefixRule]);
  const kept = plan.map((part, place) =>
    unasked.includes(place) || (place === at.pattern && !hasPrefix) ? 0 : part,
  );
  return kept.slice(0, kept.findLastIndex((part) => part !== 0) + 1);
}

/** What the library makes of kinds of lines where its data has none, and what nobody asks for. */
const instead: Readonly<Record<string, string>> = {
  'helpers/getNumberType': `export default function getNumberType() {}
    export function isNumberTypeEqualTo() { return false; }`,
  'helpers/getPossibleCountriesForNumber': `export default function getPossibleCountriesForNumber() {
    throw new Error('The countries of a number are not in this bundle.');
  }`,
  isValid: `export default function isValidNumber() {
    throw new Error('Whether a number is in use is not in this bundle.');
  }`,
  format: `export default function formatNumber() {
    throw new Error('How a number is written is not in this bundle.');
  }
  export const chooseFormatForNumber = formatNumber;`,
};

export const numberingPlans: Plugin = {
  name: 'numbering-plans',
  setup: (builder) => {
    builder.onLoad({ filter: /[\\/]libphonenumber-js[\\/]metadata\.min\.json\.js$/ }, async ({ path }) => {
      const { default: data } = (await import(path)) as { default: NumberingData };
      const text = JSON.stringify(JSON.stringify(shortPlans(data)));
      return { contents: `export default JSON.parse(${text});` };
    });
    builder.onLoad({ filter: /[\\/]libphonenumber-js[\\/]es6[\\/].*\.js$/ }, ({ path }) => {
      const [, module = ''] = /[\\/]es6[\\/](.*)\.js$/.exec(path) ?? [];
      const contents = instead[module.replaceAll('\\', '/')];
      return contents === undefined ? undefined : { contents };
    });
  },
};
