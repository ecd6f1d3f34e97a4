/** What the page is read on: it decides which wallet comes first and whether a QR code is of any use. */
export type Device = 'iphone' | 'android' | 'desktop';

export function deviceOf(userAgent: string): Device {
  if (/iPhone|iPod/.test(userAgent)) return 'iphone';
  if (/Android/.test(userAgent)) return 'android';
  return 'desktop';
}
