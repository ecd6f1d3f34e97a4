/**
 * What is wrong with a value, in words of ours: what it has to be, and where that helps what it is. Whoever reads them
 * wrote the request and knows neither zod nor JavaScript. Importing this makes them the words of every schema that has
 * none of its own.
 */
import * as z from 'zod';

type Issue = z.core.$ZodRawIssue;

const kinds: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
  null: 'null',
  date: 'a date',
  undefined: 'left out',
};

/** What was given instead; a text is not repeated, since it may be a secret or a page long. */
function given(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'number' || typeof input === 'boolean') return String(input);
  return kinds[typeof input] ?? 'something else';
}

function wrongType(issue: Issue & { readonly code: 'invalid_type' }): string {
  const wanted = kinds[issue.expected] ?? `a value of type ${issue.expected}`;
  if (issue.input === undefined) return `is missing: must be ${wanted}`;
  // What a query's text was read as, and is no number.
  if (Number.isNaN(issue.input)) return `must be ${wanted}`;
  return `must be ${wanted}, not ${given(issue.input)}`;
}

const formats: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'a whole address, as https://example.com',
  date: 'a day that exists, as 2026-11-30',
  datetime: 'an RFC 3339 date-time with an offset, as 2026-11-22T10:00:00Z',
};

function wrongFormat(issue: Issue & { readonly code: 'invalid_format' }): string {
  const known = formats[issue.format];
  if (known) return `must be ${known}`;
  const { pattern } = issue as { readonly pattern?: string | RegExp };
  return pattern === undefined ? 'is not written as it has to be' : `must match the pattern ${pattern}`;
}

type Bound = Issue & { readonly code: 'too_big' | 'too_small' };

/** "at least 1 character", "at most 100", "more than 0": the bound with its unit. */
function outOfBounds(issue: Bound): string {
  const isBig = issue.code === 'too_big';
  const bound = Number(issue.code === 'too_big' ? issue.maximum : issue.minimum);
  const unit = { string: 'character', array: 'item', set: 'item', map: 'item' }[String(issue.origin)];
  const exact = issue.inclusive === false ? (isBig ? 'less than' : 'more than') : undefined;
  const amount = `${exact ?? (isBig ? 'at most' : 'at least')} ${bound}`;
  if (unit === undefined) return `must be ${amount}`;
  if (!isBig && bound === 1 && !exact) return `must not be empty`;
  return `must have ${amount} ${unit}${bound === 1 ? '' : 's'}`;
}

function oneOf(values: readonly unknown[]): string {
  const [first] = values;
  if (values.length === 1) return `must be ${JSON.stringify(first)}`;
  return `must be one of ${values.map(String).join(', ')}`;
}

/** Of the forms that a value may have, the one it comes nearest to says what is wrong. */
function wrongUnion(issue: Issue & { readonly code: 'invalid_union' }): string {
  const { options, discriminator } = issue as { options?: readonly unknown[]; discriminator?: string };
  if (discriminator !== undefined && options) return oneOf(options);
  const all = issue.errors.map((errors) => errors[0]?.message).filter((one) => one !== undefined);
  return all.length === 0 ? 'has none of the forms that are allowed here' : [...new Set(all)].join(', or ');
}

/** The sentence for an issue, without its subject: that is the field's path. */
export function words(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue);
    case 'invalid_format':
      return wrongFormat(issue);
    case 'too_big':
    case 'too_small':
      return outOfBounds(issue);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return issue.input === undefined ? `is missing: ${oneOf(issue.values)}` : oneOf(issue.values);
    case 'invalid_union':
      return wrongUnion(issue);
    case 'unrecognized_keys':
      return 'unknown field';
    case 'invalid_key':
      return `is not a name that is allowed here: ${issue.issues[0]?.message ?? 'see the documentation'}`;
    case 'invalid_element':
      return `holds an item that is not allowed here: ${issue.issues[0]?.message ?? 'see the documentation'}`;
    case 'custom':
      return 'is not allowed here';
  }
}

z.config({ customError: words });
