/**
 * A zip archive of stored files, by PKWARE's APPNOTE. The images of a pass are compressed already and its
 * texts are small, so nothing is deflated; every time stamp is the format's first, so that the same files
 * give the same bytes.
 */
import { crc32 } from 'node:zlib';

export interface ZipEntry {
  /** A path in ASCII, with `/` between its parts. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where it is known already; else it is computed. */
  readonly crc32?: number;
}

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
/** 2.0, the version that knows folders. */
const versionNeeded = 20;
/** 1 January 1980, the first day that the format can write; the time is midnight. */
const firstDay = (1 << 5) | 1;

/** The archive of the entries, in their order. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name, 'ascii');
    const common = commonHeader(entry, name);
    const local = Buffer.concat([uint32(localSignature), common, name]);
    directory.push(centralHeader(common, offset), name);
    files.push(local, entry.bytes);
    offset += local.length + entry.bytes.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...files, central, endRecord(entries.length, central.length, offset)]);
}

/** What a file's own header and its entry in the directory have in common. */
function commonHeader({ bytes, crc32: known }: ZipEntry, name: Buffer): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(versionNeeded, 0);
  header.writeUInt16LE(firstDay, 8);
  header.writeUInt32LE(known ?? crc32(bytes), 10);
  header.writeUInt32LE(bytes.length, 14);
  header.writeUInt32LE(bytes.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

function centralHeader(common: Buffer, offset: number): Buffer {
  const madeBy = Buffer.from([versionNeeded, 0]);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([uint32(centralSignature), madeBy, common, rest]);
}

function endRecord(entries: number, directoryBytes: number, directoryOffset: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(endSignature, 0);
  record.writeUInt16LE(entries, 8);
  record.writeUInt16LE(entries, 10);
  record.writeUInt32LE(directoryBytes, 12);
  record.writeUInt32LE(directoryOffset, 16);
  return record;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
