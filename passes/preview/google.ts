/**
 * The loyalty card as Google Wallet lays it out: the card itself, and below it what a tap on it opens. Google
 * publishes the order of the parts, not their measures.
 */
import type { CardLinks, CardView } from '../../core/card.ts';
import { contrast, rgbOf } from '../../core/colours.ts';
import { barcodeTile, tileHeight } from './barcode.ts';
import { rowOf } from './columns.ts';
import type { Logos } from './logos.ts';
import { type ShownLoyalty, type ShownRow, shownLoyalty } from './loyalty.ts';
import { el, inset, type Picture, picture } from './svg.ts';
import { shrink, textAt, wrap } from './text.ts';

const width = 375;
const margin = 20;
const round = 24;
const inner = { x: margin, width: width - 2 * margin };
const body = { size: 15, weight: 400, leading: 21 } as const;
const linesMax = 12;

const ink = { page: '#ffffff', label: '#5f6368', value: '#1f1f1f', link: '#0b57d0', line: '#e3e3e3' };

/** The card with what a tap on it opens below it. */
export function googlePreview(view: CardView, links: CardLinks, logos: Logos): Picture {
  const loyalty = shownLoyalty(view, links);
  const card = cardOf(loyalty, logos);
  const details = detailsOf(loyalty.details, card.height + 8);
  const height = details.end + margin;
  const ground = el('rect', { width, height, rx: round, fill: ink.page });
  return picture(width, height, labelOf(loyalty), ground, card.svg, details.svg);
}

/** The card alone, as it lies among others. */
export function googleFrontPreview(view: CardView, links: CardLinks, logos: Logos): Picture {
  const loyalty = shownLoyalty(view, links);
  const { svg, height } = cardOf(loyalty, logos);
  return picture(width, height, labelOf(loyalty), svg);
}

function labelOf({ programName }: ShownLoyalty): string {
  return `Google Wallet: ${programName}`;
}

function cardOf(loyalty: ShownLoyalty, logos: Logos): { svg: string; height: number } {
  const text = textColourOn(loyalty.background);
  const pointsY = 132;
  const barcodeY = pointsY + 62;
  const height = loyalty.barcode === null ? barcodeY : barcodeY + tileHeight + 24;
  const name = shrink(loyalty.programName, { size: 24 }, 18, inner.width);
  const content = [
    el('clipPath', { id: 'logo' }, el('circle', { cx: margin + 20, cy: 36, r: 20 })),
    inset(logos.google, { x: margin, y: 16, width: 40, height: 40 }, { 'clip-path': 'url(#logo)' }),
    el('circle', { cx: margin + 20, cy: 36, r: 20, fill: 'none', stroke: text, 'stroke-opacity': 0.25 }),
    textAt(loyalty.issuerName, {
      x: margin + 54,
      y: 41,
      width: inner.width - 54,
      size: 15,
      weight: 500,
      fill: text,
    }),
    el('path', { d: `M0 72H${width}`, stroke: text, 'stroke-opacity': 0.16 }),
    textAt(name.text, { ...inner, y: 110, size: name.size, weight: 400, fill: text }),
    rowOf(loyalty.points, {
      ...inner,
      labelY: pointsY + 10,
      valueY: pointsY + 36,
      labelSize: 12,
      valueSize: 22,
      valueSizeMin: 13,
      labelFill: text,
      valueFill: text,
      gap: 20,
    }),
  ];
  const { barcode } = loyalty;
  if (barcode !== null)
    content.push(
      barcodeTile(
        { format: barcode.type, message: barcode.value, altText: barcode.alternateText },
        { x: 0, y: barcodeY, width, height: tileHeight },
        12,
      ),
    );
  const ground = el('rect', { width, height, rx: round, fill: loyalty.background });
  // Google puts what has expired away, and pales it.
  const pale = loyalty.expired ? 0.45 : undefined;
  return { svg: ground + el('g', { opacity: pale }, ...content), height };
}

function detailsOf(rows: readonly ShownRow[], start: number): { svg: string; end: number } {
  let y = start;
  const drawn = rows.map(({ label, value, isLink }, place) => {
    const lines = isLink ? [label] : wrap(value, body, inner.width, linesMax);
    const top = y;
    y += (isLink ? 16 : 32) + lines.length * body.leading + 10;
    return [
      isLink ? '' : textAt(label, { ...inner, y: top + 26, size: 13, weight: 400, fill: ink.label }),
      ...lines.map((line, index) =>
        textAt(line, {
          ...inner,
          y: top + (isLink ? 10 : 27) + (index + 1) * body.leading - 1,
          size: body.size,
          weight: isLink ? 500 : body.weight,
          fill: isLink ? ink.link : ink.value,
        }),
      ),
      place < rows.length - 1 ? el('path', { d: `M${inner.x} ${y}h${inner.width}`, stroke: ink.line }) : '',
    ].join('');
  });
  return { svg: drawn.join(''), end: y };
}

/** Google writes white or nearly black, whichever is read more easily. */
function textColourOn(background: string): string {
  const on = (colour: string) => contrast(rgbOf(colour), rgbOf(background));
  return on('#ffffff') >= on(ink.value) ? '#ffffff' : ink.value;
}
