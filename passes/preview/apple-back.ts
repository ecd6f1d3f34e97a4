/** The back of the pass, as iOS lists it: every field under its label, in the order of pass.json. */
import type { CardLinks, CardView } from '../../core/card.ts';
import { shownPass } from './pass.ts';
import { el, type Picture, picture } from './svg.ts';
import { textAt, wrap } from './text.ts';

const width = 375;
const margin = 16;
const inner = { x: margin + 16, width: width - 2 * margin - 32 };
const titleHeight = 58;
const value = { size: 15, weight: 400, leading: 20 } as const;
/** iOS shows all of a text; beyond this no preview is the better for it. */
const linesMax = 12;

const ink = {
  page: '#f2f2f7',
  list: '#ffffff',
  label: '#000000',
  value: '#6b6b70',
  link: '#0066cc',
  line: '#d8d8dc',
};

export function appleBackPreview(view: CardView, links: CardLinks): Picture {
  const pass = shownPass(view, links);
  let y = titleHeight;
  const rows = pass.back.map((field, index) => {
    const lines = wrap(field.value, value, inner.width, linesMax);
    const top = y;
    y += 34 + lines.length * value.leading + 12;
    return [
      index === 0
        ? ''
        : el('path', { d: `M${inner.x} ${top}H${width - margin}`, stroke: ink.line, 'stroke-width': 0.5 }),
      textAt(field.label, { ...inner, y: top + 25, size: 15, weight: 500, fill: ink.label }),
      ...lines.map((line, at) =>
        textAt(line, {
          ...inner,
          y: top + 27 + (at + 1) * value.leading,
          size: value.size,
          weight: value.weight,
          fill: field.isLink ? ink.link : ink.value,
        }),
      ),
    ].join('');
  });
  const height = y + margin;
  return picture(
    width,
    height,
    `Apple Wallet: ${pass.description}`,
    el('rect', { width, height, rx: 14, fill: ink.page }),
    textAt(pass.description, {
      x: width / 2,
      y: 36,
      width: width - 2 * margin,
      anchor: 'middle',
      size: 16,
      weight: 600,
      fill: ink.label,
    }),
    el('rect', {
      x: margin,
      y: titleHeight,
      width: width - 2 * margin,
      height: y - titleHeight,
      rx: 10,
      fill: ink.list,
    }),
    ...rows,
  );
}
