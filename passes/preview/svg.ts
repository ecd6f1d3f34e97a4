/** SVG as text. Whatever is written into it is escaped here and nowhere else. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A picture as a whole SVG document, and its size in points. */
export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** The font of the pictures where there is one, and the device's own where there is not. */
const fontFamily = 'Inter, system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif';

/** An element; its children are SVG already. Attributes that are undefined are left out. */
export function el(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? short(value) : `${value}`)}"`)
    .join('');
  const content = children.join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** What XML 1.0 has no place for (section 2.2), however it is escaped: a document that holds it does not open. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Text for content and for attributes in double quotes. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(illegal, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A hundredth of a point is finer than any screen. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** @param label what is said of the picture to who does not see it */
export function picture(width: number, height: number, label: string, ...content: string[]): Picture {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${short(width)} ${short(height)}`,
    role: 'img',
    'aria-label': label,
    'font-family': fontFamily,
  };
  return { svg: el('svg', attributes, ...content), width, height };
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Another picture within this one. As an image of its own, so that no name in it can meet one out here. */
export function inset(href: string, box: Box, more: Attributes = {}): string {
  return el('image', { href, ...box, ...more });
}

/** A picture as an address that holds all of it. */
export function dataUrl(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
