/** The look that every wallet gives the card: cream and gold on a deep petrol. CSS hex, as Google takes it. */
export const colours = {
  background: '#0f2a33',
  foreground: '#ffffff',
  label: '#e6cb98',
} as const;

export type Rgb = readonly [red: number, green: number, blue: number];

/** The three channels, 0 to 255, of a colour such as `#0f2a33`. */
export function rgbOf(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
}
