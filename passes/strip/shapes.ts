/** The shapes that a strip is drawn of, as elements of SVG. Lengths are in points. */

/** A length with at most two decimals, so that the text is short and no machine writes it in another way. */
export function n(length: number): string {
  return String(Math.round(length * 100) / 100);
}

export function circle(x: number, y: number, radius: number, paint: string): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" ${paint}/>`;
}

/** A bar with round ends; `y` is its middle. */
export function bar(x: number, y: number, length: number, thickness: number, colour: string): string {
  const half = thickness / 2;
  return `<rect x="${n(x)}" y="${n(y - half)}" width="${n(length)}" height="${n(thickness)}" rx="${n(half)}" fill="${colour}"/>`;
}

/** A star of four points. */
export function star(x: number, y: number, radius: number, paint: string): string {
  const [r, waist] = [n(radius), n(radius * 0.22)];
  return `<path transform="translate(${n(x)} ${n(y)})" d="M0-${r}Q${waist}-${waist} ${r} 0Q${waist} ${waist} 0 ${r}Q-${waist} ${waist}-${r} 0Q-${waist}-${waist} 0-${r}z" ${paint}/>`;
}

/** The tick of a stamp of that radius. */
export function tick(x: number, y: number, radius: number, colour: string): string {
  const at = (dx: number, dy: number) => `${n(x + dx * radius)} ${n(y + dy * radius)}`;
  return `<path d="M${at(-0.4, 0.04)}L${at(-0.1, 0.34)}L${at(0.44, -0.3)}" fill="none" stroke="${colour}" stroke-width="${n(radius * 0.19)}" stroke-linecap="round" stroke-linejoin="round"/>`;
}
