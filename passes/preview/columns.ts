/** A row of labelled values that share a width: each as wide as it would be, and all of them less where it is not enough. */
import { oneLine, textAt, widthOf } from './text.ts';

export interface Labelled {
  readonly label: string;
  readonly value: string;
}

export interface RowStyle {
  readonly x: number;
  readonly width: number;
  /** Of the labels' and the values' baselines. */
  readonly labelY: number;
  readonly valueY: number;
  readonly labelSize: number;
  readonly valueSize: number;
  readonly valueSizeMin: number;
  readonly labelFill: string;
  readonly valueFill: string;
  readonly gap: number;
}

export function rowOf(fields: readonly Labelled[], style: RowStyle): string {
  if (fields.length === 0) return '';
  const free = style.width - style.gap * (fields.length - 1);
  const sizes = sizesFor(fields, style, free);
  const widths = shared(needed(fields, sizes), free);
  // What nobody needs lies between the columns; the first and the last stand at the edges.
  const left = free - widths.reduce((sum, one) => sum + one, 0);
  const gap = style.gap + (fields.length > 1 ? Math.max(0, left) / (fields.length - 1) : 0);
  let x = style.x;
  return fields
    .map((field, index) => {
      const width = widths[index] ?? 0;
      const column = columnAt(field, { x, width }, sizes, style);
      x += width + gap;
      return column;
    })
    .join('');
}

interface Sizes {
  readonly label: number;
  readonly value: number;
}

/** The largest sizes in which nothing is shortened, or else the least. All of a row are alike. */
function sizesFor(fields: readonly Labelled[], style: RowStyle, free: number): Sizes {
  const { valueSize, valueSizeMin, labelSize } = style;
  for (let value = valueSize; value > valueSizeMin; value -= 0.5) {
    const sizes = { value, label: Math.max(labelSize * 0.75, (labelSize * value) / valueSize) };
    if (needed(fields, sizes).reduce((sum, one) => sum + one, 0) <= free) return sizes;
  }
  return { value: valueSizeMin, label: labelSize * 0.75 };
}

function needed(fields: readonly Labelled[], sizes: Sizes): number[] {
  const width = (text: string, size: number) => widthOf(oneLine(text), { size });
  return fields.map(({ label, value }) => Math.max(width(label, sizes.label), width(value, sizes.value)));
}

function columnAt(
  { label, value }: Labelled,
  place: { readonly x: number; readonly width: number },
  sizes: Sizes,
  { labelY, valueY, labelFill, valueFill }: RowStyle,
): string {
  return [
    textAt(label, { ...place, y: labelY, size: sizes.label, weight: 500, fill: labelFill }),
    textAt(value, { ...place, y: valueY, size: sizes.value, weight: 400, fill: valueFill }),
  ].join('');
}

/** The widest give first: who wants less than a fair share gets it all. */
function shared(wanted: readonly number[], free: number): number[] {
  const widths = wanted.map(() => 0);
  let rest = free;
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  for (const [done, index] of order.entries()) {
    const width = Math.min(wanted[index] ?? 0, rest / (order.length - done));
    widths[index] = width;
    rest -= width;
  }
  return widths;
}
