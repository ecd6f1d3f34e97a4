/** The house's mark, a phi: drawn once, in the current colour, on a 100 × 100 field. */
const bowl =
  'M50 29c17 0 28 9 28 21s-11 21-28 21-28-9-28-21 11-21 28-21Z' +
  'm0 5c-11 0-18 6-18 16s7 16 18 16 18-6 18-16-7-16-18-16Z';
const stem = 'M46.5 18h7v64h-7zM38 16h24v3.6H38zM38 80.4h24V84H38z';

function Strokes() {
  return (
    <>
      <path d={bowl} fill="currentColor" fill-rule="evenodd" />
      <path d={stem} fill="currentColor" />
    </>
  );
}

export function Monogram() {
  return (
    <svg class="monogram" viewBox="0 0 100 100" aria-hidden="true">
      <circle cx="50" cy="50" r="47" fill="none" stroke="currentColor" stroke-width="2" />
      <Strokes />
    </svg>
  );
}

/** Pressed into the card's material: light from the top left, so the shadow lies above and the gleam below. */
export function EmbossedMonogram() {
  return (
    <svg class="embossed" viewBox="0 0 100 100" aria-hidden="true">
      <g class="embossed-shadow" transform="translate(-.5 -.6)">
        <Strokes />
      </g>
      <g class="embossed-gleam" transform="translate(.5 .6)">
        <Strokes />
      </g>
      <g class="embossed-face">
        <Strokes />
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
