/** The programme's mark: the first letter of its name, in the current colour, on a 100 × 100 field. */
function initialOf(name: string): string {
  return (name.match(/[\p{L}\p{N}]\p{M}*/u)?.[0] ?? '').toLocaleUpperCase();
}

interface MarkProps {
  readonly name: string;
}

function Letter({ name }: MarkProps) {
  return (
    <text class="letter" x="50" y="52" text-anchor="middle" dominant-baseline="central" fill="currentColor">
      {initialOf(name)}
    </text>
  );
}

export function Monogram(props: MarkProps) {
  return (
    <svg class="monogram" viewBox="0 0 100 100" aria-hidden="true">
      <circle cx="50" cy="50" r="47" fill="none" stroke="currentColor" stroke-width="2" />
      <Letter {...props} />
    </svg>
  );
}

/** Pressed into the card's material: light from the top left, so the shadow lies above and the gleam below. */
export function EmbossedMonogram(props: MarkProps) {
  return (
    <svg class="embossed" viewBox="0 0 100 100" aria-hidden="true">
      <g class="embossed-shadow" transform="translate(-.5 -.6)">
        <Letter {...props} />
      </g>
      <g class="embossed-gleam" transform="translate(.5 .6)">
        <Letter {...props} />
      </g>
      <g class="embossed-face">
        <Letter {...props} />
      </g>
    </svg>
  );
}

const rings = Array.from({ length: 14 }, (_, index) => 40 + index * 22);

/** Fine rings, as engraved on a bank note. */
export function Engraving() {
  return (
    <svg class="engraving" viewBox="0 0 400 400" preserveAspectRatio="xMaxYMin slice" aria-hidden="true">
      {rings.map((radius) => (
        <circle key={radius} cx="350" cy="70" r={radius} fill="none" stroke="currentColor" />
      ))}
    </svg>
  );
}
