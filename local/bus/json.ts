/**
 * JSON as event-ruler reads it, where JSON.parse forgets: a key that stands twice has both values, and a number that no
 * double holds exactly is compared as it is written.
 */

/** A number with more digits than a double holds; `text` is as it stands in the document. */
export class LongNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** The values of a key that stands more than once in an object: all of them are there, and it is no list. */
export class Repeated extends Array<Json> {}

export type Scalar = null | boolean | number | string | LongNumber;
export type Json = Scalar | Json[] | { [key: string]: Json };

export function isObject(value: unknown): value is { [key: string]: Json } {
  return (
    value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof LongNumber)
  );
}

/**
 * Reads a document.
 * @throws SyntaxError when it is none
 */
export function readJson(text: string): Json {
  JSON.parse(text); // What it lets through can be taken apart without looking for faults.
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\]]/g) ?? [];
  let next = 0;
  const read = (): Json => {
    const token = tokens[next++] ?? '';
    if (token === '{') return readObject();
    if (token === '[') return readList();
    return /^[-\d]/.test(token) ? readNumber(token) : (JSON.parse(token) as Scalar);
  };
  const readList = (): Json => {
    const list: Json[] = [];
    while (tokens[next] !== ']') list.push(read());
    next++;
    return list;
  };
  const readObject = (): Json => {
    const fields = new Map<string, Json>();
    while (tokens[next] !== '}') {
      const name = JSON.parse(tokens[next++] ?? '') as string;
      const value = read();
      const before = fields.get(name);
      fields.set(name, before === undefined ? value : repeated(before, value));
    }
    next++;
    return Object.fromEntries(fields);
  };
  return read();
}

function repeated(before: Json, value: Json): Repeated {
  return Repeated.from(before instanceof Repeated ? [...before, value] : [before, value]) as Repeated;
}

function readNumber(text: string): number | LongNumber {
  const value = Number(text);
  return sameDecimal(String(value), text) ? value : new LongNumber(text);
}

/** Whether two texts write the same number, however they do. */
function sameDecimal(a: string, b: string): boolean {
  const [left, right] = [decimalOf(a), decimalOf(b)];
  return left.digits === right.digits && (left.digits === '' || left.exponent === right.exponent);
}

/** The digits of a number without zeros around them, and the place of the last one. */
function decimalOf(text: string): { readonly digits: string; readonly exponent: number } {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return { digits: '', exponent: 0 };
  return { digits: sign + digits, exponent: Number(exponent) - fraction.length + all.length - digits.length };
}
