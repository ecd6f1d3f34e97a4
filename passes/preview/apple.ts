/**
 * The front of the pass as an iPhone draws it. Apple publishes no measures of Wallet itself: the width of a pass
 * and its images are those of its documentation (375 points; strip 375 by 144, logo 50 high), the rest is taken
 * from how iOS lays a store card out: balance in the header, holder over the strip, one row of facts, barcode at
 * the bottom.
 */
import type { CardLinks, CardView } from '../../core/card.ts';
import { stripSvg } from '../strip/svg.ts';
import { barcodeTile, tileHeight } from './barcode.ts';
import { type Labelled, rowOf } from './columns.ts';
import { type Logos, logoSize } from './logos.ts';
import { type Shown, type ShownPass, shownPass } from './pass.ts';
import { dataUrl, el, inset, type Picture, picture } from './svg.ts';
import { oneLine, shrink, textAt, widthOf } from './text.ts';

const width = 375;
const height = 460;
const margin = 16;
const headerHeight = 64;
const strip = { width, height: 144 };
const stripEnd = headerHeight + strip.height;
const valueHeader = { size: 20, sizeMin: 13, widthMax: 150 };

export function applePreview(view: CardView, links: CardLinks, logos: Logos): Picture {
  const pass = shownPass(view, links);
  const content = [
    header(pass, logos.apple),
    // Clipped, for not every renderer keeps an image to its box.
    el(
      'g',
      { 'clip-path': 'url(#strip)' },
      inset(dataUrl(stripSvg(view, strip)), { x: 0, y: headerHeight, ...strip }),
    ),
    primary(pass),
    facts(pass),
    barcode(pass),
  ];
  return picture(
    width,
    height,
    `Apple Wallet: ${pass.description}`,
    el('clipPath', { id: 'pass' }, el('rect', { width, height, rx: 14 })),
    el('clipPath', { id: 'strip' }, el('rect', { y: headerHeight, ...strip })),
    el(
      'g',
      { 'clip-path': 'url(#pass)' },
      el('rect', { width, height, fill: pass.background }),
      // A phone pales a pass that is void.
      el('g', { opacity: pass.voided ? 0.45 : undefined }, ...content),
    ),
  );
}

/** Logo and name on the left, and on the right what stays visible in the stack of passes. */
function header(pass: ShownPass, logo: string): string {
  const size = logoSize(logo);
  // A mark in a square has room around it already.
  const logoAt = size.width > size.height ? margin : margin - 7;
  const nameAt = logoAt + size.width + 9;
  const right = width - margin;
  const taken = Math.max(0, ...pass.header.map((field) => headerWidth(field, pass)));
  return [
    inset(logo, { x: logoAt, y: (headerHeight - size.height) / 2, ...size }),
    textAt(pass.logoText, {
      x: nameAt,
      y: 38,
      width: right - taken - 16 - nameAt,
      size: 17,
      weight: 500,
      fill: pass.foreground,
    }),
    ...pass.header.map((field) => headerField(field, pass, taken)),
  ].join('');
}

function headerWidth(field: Shown, pass: ShownPass): number {
  const { label, value } = capitals(field, pass);
  const { size, widthMax } = valueHeader;
  const needed = Math.max(widthOf(oneLine(label), { size: 11 }), widthOf(oneLine(value), { size }));
  return Math.min(widthMax, needed);
}

function headerField(field: Shown, pass: ShownPass, taken: number): string {
  const { label, value } = capitals(field, pass);
  const { size, sizeMin } = valueHeader;
  const place = { x: width - margin, width: taken, anchor: 'end' } as const;
  return [
    textAt(label, { ...place, y: 25, size: 11, weight: 500, fill: pass.label }),
    textAt(value, {
      ...place,
      y: 47,
      ...shrink(value, { size }, sizeMin, taken),
      weight: 400,
      fill: pass.foreground,
    }),
  ].join('');
}

/** Over the strip, the value first. */
function primary(pass: ShownPass): string {
  const place = { x: margin, width: width - 2 * margin };
  return pass.primary
    .map((field) => {
      const { label, value } = capitals(field, pass);
      const { size } = shrink(value, { size: 40 }, 22, place.width);
      return [
        textAt(value, { ...place, y: headerHeight + 62, size, weight: 400, fill: pass.foreground }),
        textAt(label, { ...place, y: headerHeight + 84, size: 12, weight: 500, fill: pass.foreground }),
      ].join('');
    })
    .join('');
}

function facts(pass: ShownPass): string {
  return rowOf(
    pass.row.map((field) => capitals(field, pass)),
    {
      x: margin,
      width: width - 2 * margin,
      labelY: stripEnd + 28,
      valueY: stripEnd + 50,
      labelSize: 11,
      valueSize: 19,
      valueSizeMin: 11.5,
      labelFill: pass.label,
      valueFill: pass.foreground,
      gap: 10,
    },
  );
}

function barcode({ barcode: code }: ShownPass): string {
  if (code === null) return '';
  const box = { x: 0, y: height - tileHeight - 24, width, height: tileHeight };
  return barcodeTile(code, box, 6);
}

/** iOS writes the labels of the front in capitals. */
function capitals({ label, value }: Shown, { locale }: ShownPass): Labelled {
  return { label: label.toLocaleUpperCase(locale), value };
}
