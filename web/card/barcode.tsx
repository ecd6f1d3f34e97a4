import { ean13, moduleCount, quietLeft, quietRight } from '../../passes/preview/ean13.ts';

const barHeight = 36;

/** The barcode with its digits, on a light tile in both themes: scanners read dark bars on light only. */
export function Barcode({ digits, label }: { readonly digits: string; readonly label: string }) {
  const modules = ean13(digits);
  return (
    <div class="barcode">
      {modules !== null && (
        <svg
          class="barcode-bars"
          viewBox={`${-quietLeft} 0 ${quietLeft + moduleCount + quietRight} ${barHeight}`}
          preserveAspectRatio="none"
          shape-rendering="crispEdges"
          role="img"
          aria-label={label}
        >
          <path d={barsOf(modules)} fill="currentColor" />
        </svg>
      )}
      <p class="barcode-digits">{digits}</p>
    </div>
  );
}

/** One rectangle per run of bars. */
function barsOf(modules: string): string {
  return [...modules.matchAll(/1+/g)]
    .map((run) => `M${run.index} 0h${run[0].length}v${barHeight}h-${run[0].length}z`)
    .join('');
}
