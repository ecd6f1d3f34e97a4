/** The turns of speech in which a programme's changes are told; core/difference-sentences.ts says which is for what. */
import { compare, decimal } from './decimal.ts';
import { isByLanguage } from './localized.ts';
import { exponentOf } from './money.ts';
import type { Change } from './program-difference.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A change as its sentence sees it. */
export interface Said {
  readonly kind: Change['kind'];
  readonly before: unknown;
  readonly after: unknown;
  /** The parts of the path that the pattern left open. */
  readonly names: readonly string[];
  /** The currency that the amounts of this part are in, where the part says it. */
  readonly currency: string | undefined;
}

export type Words = (said: Said) => string;

export const value = (of: unknown): string => {
  if (Array.isArray(of)) return of.length === 0 ? 'nothing' : of.map(value).join(', ');
  if (isByLanguage(of))
    return Object.entries(of)
      .map(([language, said]) => `${said} (${language})`)
      .join(', ');
  if (typeof of === 'object' && of !== null) return JSON.stringify(of);
  return String(of);
};
export const count = (of: unknown, one: string, many = `${one}s`) => `${value(of)} ${of === 1 ? one : many}`;
export const points = (of: unknown) => count(of, 'point');
export const days = (of: unknown) => count(of, 'day');

/** Minor units as an amount, as 20.00 EUR; without a currency they stay minor units. */
export function money(minor: unknown, currency: string | undefined): string {
  if (currency === undefined) return `${value(minor)} minor units`;
  const digits = exponentOf(currency);
  const text = String(minor).padStart(digits + 1, '0');
  const cut = text.length - digits;
  return `${text.slice(0, cut)}${digits > 0 ? `.${text.slice(cut)}` : ''} ${currency}`;
}

/** A minimum: minor units of the first currency of the programme, or amounts by currency. */
function minimum(of: unknown, said: Said): string {
  if (typeof of !== 'object' || of === null) return money(of, said.currency);
  return Object.entries(of)
    .map(([currency, minor]) => money(minor, currency))
    .join(', ');
}

/** Whether a number, or a decimal in text, grew. */
function grew({ before, after }: Said): boolean {
  if (typeof before === 'number' && typeof after === 'number') return after > before;
  return compare(decimal(String(after)), decimal(String(before))) > 0;
}

/** `The … rises from 1 to 2`: for figures that are there before and after. */
export function moves(what: (said: Said) => string, unit: (of: unknown) => string = value): Words {
  return (said) =>
    said.kind === 'changed'
      ? `${what(said)} ${grew(said) ? 'rises' : 'falls'} from ${value(said.before)} to ${unit(said.after)}.`
      : appears(what, unit)(said);
}

/** For what may be there or not. */
export function appears(
  what: (said: Said) => string,
  show: (of: unknown, said: Said) => string = value,
): Words {
  return (said) => {
    if (said.kind === 'added') return `${what(said)} is now ${show(said.after, said)}; there was none.`;
    if (said.kind === 'removed') return `${what(said)} is gone; it was ${show(said.before, said)}.`;
    return `${what(said)} is now ${show(said.after, said)}; it was ${show(said.before, said)}.`;
  };
}

/** Minor units rise or fall; amounts in a currency are told as they were and are. */
export function minimums(what: (said: Said) => string): Words {
  const plainly = appears(what, minimum);
  const plain = moves(what, (minor) => money(minor, undefined));
  return (said) => {
    const numbers = typeof said.before === 'number' && typeof said.after === 'number';
    return numbers && said.currency === undefined ? plain(said) : plainly(said);
  };
}

/** Points rise or fall; what is more than points is told as it was and is. */
export function gives(what: (said: Said) => string): Words {
  const plainly = appears(what, gift);
  return (said) => {
    const numbers = typeof said.before === 'number' && typeof said.after === 'number';
    return numbers ? moves(what, points)(said) : plainly(said);
  };
}

/** `50 points and a voucher for free-coffee`. */
function gift(of: unknown): string {
  if (typeof of !== 'object' || of === null) return points(of);
  const { points: given, reward } = of as Fields;
  return `${given === undefined ? '' : `${points(given)} and `}a voucher for ${value(reward)}`;
}

export const named =
  (what: string) =>
  ({ names }: Said) =>
    `${what} ${names[0]}`;
export const of =
  (field: string, what: string) =>
  ({ names }: Said) =>
    `The ${field} of ${what} ${names[0]}`;

export function rate(said: Said, rateOf: unknown): string {
  const { points: given, perMinor } = rateOf as Fields;
  return `${points(given)} for every ${money(perMinor, said.names[0])}`;
}

export function waits(channel: string | undefined, after: unknown): string {
  return after === 0
    ? `Points from ${channel} can be spent at once`
    : `Points from ${channel} wait ${days(after)} before they can be spent`;
}

export const months = (expiry: unknown) => count((expiry as Fields)['months'], 'month');

/** Everything about a member of a list that comes or goes, as `multiplier 1.25, threshold 500`. */
export function summary(fields: unknown, leave: readonly string[] = ['name']): string {
  return Object.entries(fields as Fields)
    .filter(([name, held]) => !leave.includes(name) && held !== undefined)
    .map(([name, held]) => `${spaced(name)} ${value(held)}`)
    .join(', ');
}

/** `minimumMinor` as `minimum minor`. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

export function listed(what: string): Words {
  return ({ kind, names, before, after }) => {
    const fields = kind === 'added' ? after : before;
    const title = `${what} ${names[0]} (${value((fields as Fields)['name'])})`;
    return `${title} ${kind === 'added' ? 'is new' : 'is gone'}: ${summary(fields)}.`;
  };
}

export function renamed(what: string): Words {
  return (said) => `${named(what)(said)} is called ${value(said.after)} instead of ${value(said.before)}.`;
}

export function limited(what: string, which: string): Words {
  return ({ kind, names, before, after }) => {
    if (kind === 'added') return `${what} ${names[0]} is now for the ${which} ${value(after)} only.`;
    if (kind === 'removed')
      return `${what} ${names[0]} is now for all ${which}; it was for ${value(before)} only.`;
    return `${what} ${names[0]} is for the ${which} ${value(after)} instead of ${value(before)}.`;
  };
}

/** What no longer earns, or does again. */
export function excludes(what: (name: string) => string): Words {
  return ({ kind, names }) =>
    kind === 'added'
      ? `${what(names[0] ?? '')} no longer earn points.`
      : `${what(names[0] ?? '')} earn points from now on.`;
}
