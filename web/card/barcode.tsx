import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { code128, quiet128 } from '../../passes/preview/code128.ts';
import { ean13, quietLeft, quietRight } from '../../passes/preview/ean13.ts';
import { Qr } from './qr-later.tsx';

type Format = NonNullable<CardAnswer['barcodes']>[number];

const barHeight = 36;
/** A fraction of pixels to a module would make bars of unequal width. */
const pitch = 2;

/** As passes have them in their usual order: every reader takes the first. */
const usual: Format = 'code128';

interface BarcodeProps {
  readonly digits: string;
  /** In which formats the programme wants it; the first is drawn. */
  readonly formats: CardAnswer['barcodes'];
  readonly label: string;
}

/** The card number as a barcode with its digits, on a light tile in both themes: scanners read dark on light only. */
export function Barcode({ digits, formats, label }: BarcodeProps) {
  const [format = usual] = formats ?? [];
  return (
    <div class="barcode">
      {format === 'qr' ? (
        <Qr text={digits} label={label} />
      ) : (
        <Bars format={format} digits={digits} label={label} />
      )}
      <p class="barcode-digits">{digits}</p>
    </div>
  );
}

/** The modules of each format, and the light ones that a scanner needs beside them. */
const linear = {
  code128: { draw: code128, left: quiet128, right: quiet128 },
  ean13: { draw: ean13, left: quietLeft, right: quietRight },
} as const;

type BarsProps = Omit<BarcodeProps, 'formats'> & { readonly format: keyof typeof linear };

function Bars({ format, digits, label }: BarsProps) {
  const { draw, left, right } = linear[format];
  const modules = draw(digits);
  if (modules === null) return null;
  const width = left + modules.length + right;
  return (
    <svg
      class="barcode-bars"
      width={width * pitch}
      viewBox={`${-left} 0 ${width} ${barHeight}`}
      preserveAspectRatio="none"
      shape-rendering="crispEdges"
      role="img"
      aria-label={label}
    >
      <path d={barsOf(modules)} fill="currentColor" />
    </svg>
  );
}

/** One rectangle per run of bars. */
function barsOf(modules: string): string {
  return [...modules.matchAll(/1+/g)]
    .map((run) => `M${run.index} 0h${run[0].length}v${barHeight}h-${run[0].length}z`)
    .join('');
}
