/** What a file says of itself as a PNG (W3C, Portable Network Graphics, third edition). */
import { crc32 } from 'node:zlib';

export type PngCheck =
  | { readonly type: 'png'; readonly width: number; readonly height: number }
  /** Another format, or none. */
  | { readonly type: 'other' }
  /** It begins as a PNG does, but is cut off or altered. */
  | { readonly type: 'damaged' };

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** Goes through all chunks: every checksum is right, the first is the header, and the end is there. */
export function checkPng(bytes: Buffer): PngCheck {
  if (!bytes.subarray(0, signature.length).equals(signature)) return { type: 'other' };
  const types: string[] = [];
  for (let at = signature.length; types.at(-1) !== 'IEND'; ) {
    if (at + 12 > bytes.length) return { type: 'damaged' };
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end))
      return { type: 'damaged' };
    types.push(bytes.toString('latin1', at + 4, at + 8));
    at = end + 4;
  }
  const isHeaded = types[0] === 'IHDR' && bytes.readUInt32BE(signature.length) === 13;
  if (!isHeaded || !types.includes('IDAT')) return { type: 'damaged' };
  return { type: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
