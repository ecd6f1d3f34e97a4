/** Reads a picture as who looks at it does: its texts and where they stand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Logos, pngUrl } from '../../../passes/preview/logos.ts';
import { widthOf } from '../../../passes/preview/text.ts';

const served = (name: string) =>
  pngUrl(readFileSync(join(import.meta.dirname, '../../../web/public', name)).toString('base64'));

/** The house's, as the site serves them. */
export const logos: Logos = { apple: served('wallet-logo.png'), google: served('program-logo.png') };

export interface Drawn {
  readonly text: string;
  readonly size: number;
  /** Of the baseline. */
  readonly y: number;
  readonly left: number;
  readonly right: number;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

function unescaped(text: string): string {
  return text.replace(/&(\w+);/g, (_, name: string) => {
    const meant = entities[name];
    if (meant === undefined) throw new Error(`&${name}; is no entity of XML that is written here.`);
    return meant;
  });
}

/** All texts, in the order in which they are drawn. */
export function textsOf(svg: string): Drawn[] {
  return [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, attributes = '', content = '']) => {
    const of = (name: string) => new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1];
    const [x, y, size] = [Number(of('x')), Number(of('y')), Number(of('font-size'))];
    const text = unescaped(content);
    const width = widthOf(text, { size });
    const before = { end: 1, middle: 0.5, start: 0 }[of('text-anchor') ?? 'start'] ?? 0;
    return { text, size, y, left: x - before * width, right: x + (1 - before) * width };
  });
}

/** As text stands in one line of a picture. */
export function inLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, (blank) => (/^[\u00a0\u202f]+$/.test(blank) ? blank : ' '))
    .trim()
    .replace(/[\ufffe\uffff]/g, '');
}

/** Whether a drawn text is the one that was meant, whole or shortened. */
export function isOf(drawn: string, meant: string): boolean {
  const line = inLine(meant);
  return drawn === line || (drawn.endsWith('…') && line.startsWith(drawn.slice(0, -1)));
}
