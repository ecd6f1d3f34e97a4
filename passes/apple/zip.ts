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
}

/** The files with which an archive begins, as they stand in it: made once for many archives. */
export interface ZipStart {
  readonly entries: number;
  readonly files: Buffer;
  readonly directory: Buffer;
}

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
/** 2.0, the version that knows folders. */
const versionNeeded = 20;
/** 1 January 1980, the first day that the format can write; the time is midnight. */
const firstDay = (1 << 5) | 1;
const [localBytes, centralBytes, endBytes] = [30, 46, 22];

const nothing: ZipStart = { entries: 0, files: Buffer.alloc(0), directory: Buffer.alloc(0) };

/** The archive of the entries, in their order, behind those that are given as its start. */
export function zip(entries: readonly ZipEntry[], start: ZipStart = nothing): Buffer {
  const { files, directory } = start;
  const filesBytes = files.length + sum(entries, (one) => localBytes + one.name.length + one.bytes.length);
  const directoryBytes = directory.length + sum(entries, (one) => centralBytes + one.name.length);
  // Every byte of it is written below.
  const archive = Buffer.allocUnsafe(filesBytes + directoryBytes + endBytes);
  archive.set(files);
  archive.set(directory, filesBytes);
  let [at, centralAt] = [files.length, filesBytes + directory.length];
  for (const entry of entries) {
    const local = at;
    at = writeLocal(archive, local, entry);
    centralAt = writeCentral(archive, centralAt, entry, local);
  }
  const count = start.entries + entries.length;
  writeEnd(archive, centralAt, { count, directoryBytes, directoryAt: filesBytes });
  return archive;
}

/** The entries as a start for archives. */
export function zipStart(entries: readonly ZipEntry[]): ZipStart {
  const archive = zip(entries);
  const directoryAt = archive.readUInt32LE(archive.length - endBytes + 16);
  return {
    entries: entries.length,
    files: archive.subarray(0, directoryAt),
    directory: archive.subarray(directoryAt, archive.length - endBytes),
  };
}

function sum(entries: readonly ZipEntry[], bytesOf: (entry: ZipEntry) => number): number {
  return entries.reduce((bytes, entry) => bytes + bytesOf(entry), 0);
}

/** A file's own header, its name and its bytes; answers where the next one goes. */
function writeLocal(archive: Buffer, at: number, { name, bytes }: ZipEntry): number {
  archive.writeUInt32LE(localSignature, at);
  archive.writeUInt16LE(versionNeeded, at + 4);
  archive.writeUInt32LE(0, at + 6); // no flags, stored
  archive.writeUInt16LE(0, at + 10);
  archive.writeUInt16LE(firstDay, at + 12);
  archive.writeUInt32LE(crc32(bytes), at + 14);
  archive.writeUInt32LE(bytes.length, at + 18);
  archive.writeUInt32LE(bytes.length, at + 22);
  archive.writeUInt16LE(name.length, at + 26);
  archive.writeUInt16LE(0, at + 28);
  archive.write(name, at + localBytes, 'latin1');
  archive.set(bytes, at + localBytes + name.length);
  return at + localBytes + name.length + bytes.length;
}

/** A file's entry in the directory, which repeats 26 bytes of its own header; answers where the next one goes. */
function writeCentral(archive: Buffer, at: number, { name }: ZipEntry, local: number): number {
  archive.writeUInt32LE(centralSignature, at);
  archive.writeUInt16LE(versionNeeded, at + 4);
  archive.copy(archive, at + 6, local + 4, local + localBytes);
  archive.fill(0, at + 32, at + 42);
  archive.writeUInt32LE(local, at + 42);
  archive.write(name, at + centralBytes, 'latin1');
  return at + centralBytes + name.length;
}

interface End {
  readonly count: number;
  readonly directoryBytes: number;
  readonly directoryAt: number;
}

function writeEnd(archive: Buffer, at: number, { count, directoryBytes, directoryAt }: End): void {
  archive.writeUInt32LE(endSignature, at);
  archive.writeUInt32LE(0, at + 4); // the only disk
  archive.writeUInt16LE(count, at + 8);
  archive.writeUInt16LE(count, at + 10);
  archive.writeUInt32LE(directoryBytes, at + 12);
  archive.writeUInt32LE(directoryAt, at + 16);
  archive.writeUInt16LE(0, at + 20);
}
