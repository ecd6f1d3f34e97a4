/**
 * The few parts of ASN.1's distinguished encoding (ITU-T X.690) that a pass signature is made of. An element
 * is its tag, its length and its content; constructed elements hold elements.
 */

const tags = { integer: 0x02, octets: 0x04, null: 0x05, oid: 0x06, sequence: 0x30, set: 0x31 } as const;
export const utcTimeTag = 0x17;
export const generalizedTimeTag = 0x18;

/** One element of any tag; several contents are put one behind the other. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);
}

export function sequence(...elements: readonly Uint8Array[]): Buffer {
  return element(tags.sequence, ...elements);
}

/** A SET OF, whose elements DER orders by their bytes. */
export function setOf(...elements: readonly Uint8Array[]): Buffer {
  return element(tags.set, ...elements.toSorted(Buffer.compare));
}

/** The implicit tag `[number]` in place of a constructed element's own. */
export function implicit(number: number, constructed: Uint8Array): Buffer {
  const tagged = Buffer.from(constructed);
  tagged[0] = 0xa0 | number;
  return tagged;
}

export function explicit(number: number, content: Uint8Array): Buffer {
  return element(0xa0 | number, content);
}

/** An integer from 0 to 127: no other is written here. */
export function smallInteger(value: number): Buffer {
  return element(tags.integer, Buffer.from([value]));
}

export function octets(content: Uint8Array): Buffer {
  return element(tags.octets, content);
}

export const nothing: Buffer = element(tags.null);

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(tags.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** Groups of seven bits, highest first, each but the last marked by its eighth bit. */
function base128(value: number): number[] {
  const groups = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) groups.unshift((rest & 0x7f) | 0x80);
  return groups;
}

function lengthOf(content: Uint8Array): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.from([length]);
  const bytes = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

/** The elements inside a constructed element, each with its tag and length. It must be well formed. */
export function children(constructed: Buffer): Buffer[] {
  const elements: Buffer[] = [];
  let at = contentStart(constructed, 0);
  while (at < constructed.length) {
    const end = contentEnd(constructed, at);
    elements.push(constructed.subarray(at, end));
    at = end;
  }
  return elements;
}

function contentStart(bytes: Buffer, at: number): number {
  const first = bytes.readUInt8(at + 1);
  return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
}

function contentEnd(bytes: Buffer, at: number): number {
  const first = bytes.readUInt8(at + 1);
  const length = first < 0x80 ? first : bytes.readUIntBE(at + 2, first & 0x7f);
  return contentStart(bytes, at) + length;
}
