/** The logos that a card shows. They come from whoever draws, for a programme may have its own. */

export interface Logos {
  /** The pass's logo, drawn three times as large as it is shown: a PNG as a data URL. */
  readonly apple: string;
  /** The programme's logo, which Google cuts a circle out of: a PNG as a data URL. */
  readonly google: string;
}

const start = 'data:image/png;base64,';

export function pngUrl(base64: string): string {
  return start + base64;
}

/** The size of Apple's logo in points. Source: W3C, Portable Network Graphics, IHDR. */
export function logoSize(url: string): { width: number; height: number } {
  // 24 bytes, which are 32 letters, hold the header with both sizes.
  const bytes = Uint8Array.from(atob(url.slice(start.length, start.length + 32)), (one) => one.charCodeAt(0));
  const header = new DataView(bytes.buffer);
  return { width: header.getUint32(16) / 3, height: header.getUint32(20) / 3 };
}
