/** Colours as `#rrggbb`, and whether one can be read on another. */

/** Of programmes without colours of their own: ink and paper, which are nobody's. */
export const plainColours = { background: '#26292f', foreground: '#ffffff', label: '#d9dde5' } as const;

export type Rgb = readonly [red: number, green: number, blue: number];

/** The three channels, 0 to 255, of a colour such as `#0f2a33`. */
export function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
}

/** WCAG 2.2, relative luminance: 0 for black, 1 for white. */
function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, contrast ratio: from 1 for the same colour to 21 for black and white. */
export function contrast(one: Rgb, other: Rgb): number {
  const [first, second] = [luminance(one), luminance(other)];
  return (Math.max(first, second) + 0.05) / (Math.min(first, second) + 0.05);
}
