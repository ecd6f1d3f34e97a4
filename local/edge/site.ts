/** A bucket behind the distribution: the objects that deployments put there, as S3 answers for them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { Origin } from '../http/gateway.ts';
import { type Header, header, type Request, type Response } from '../http/message.ts';
import type { BucketSource, BucketSpec } from '../resources/buckets.ts';

interface StoredObject {
  readonly body: Buffer;
  readonly headers: readonly Header[];
}

const CONTENT_TYPES: { readonly [extension: string]: string } = {
  '.css': 'text/css',
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.ico': 'image/vnd.microsoft.icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.xml': 'text/xml',
  '.yaml': 'application/yaml',
};

/** Files are read once: a deployment does not change while it is served. */
export function createSite(bucket: BucketSpec): Origin {
  const objects = new Map<string, StoredObject>();
  for (const source of bucket.sources) {
    for (const [key, object] of objectsOf(source)) objects.set(key, object);
  }
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return xmlError(405, 'MethodNotAllowed');
    const object = objects.get(keyOf(request.path));
    if (!object) return bucket.listable ? xmlError(404, 'NoSuchKey') : xmlError(403, 'AccessDenied');
    return isUnchanged(request, object)
      ? { status: 304, headers: object.headers, body: Buffer.alloc(0) }
      : { status: 200, headers: object.headers, body: object.body };
  };
}

function keyOf(path: string): string {
  try {
    return decodeURIComponent(path.slice(1));
  } catch {
    return ''; // No object has a key that cannot be written, so this is answered as missing.
  }
}

function isUnchanged(request: Request, object: StoredObject): boolean {
  const known = header(request.headers, 'if-none-match');
  return known !== undefined && known === header(object.headers, 'etag');
}

function objectsOf(source: BucketSource): [string, StoredObject][] {
  return readdirSync(source.directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(source.directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => {
      const key = source.keyPrefix + relative(source.directory, path).split(sep).join('/');
      return [key, objectOf(path, source)];
    });
}

function objectOf(path: string, { markers, jsonEscape, cacheControl }: BucketSource): StoredObject {
  let body = readFileSync(path);
  for (const [marker, value] of Object.entries(markers)) {
    // Replaced as a deployment does it: the marker stands inside a string when the file is JSON.
    const text = jsonEscape ? JSON.stringify(value).slice(1, -1) : value;
    if (body.includes(marker)) body = Buffer.from(body.toString('utf8').replaceAll(marker, () => text));
  }
  const headers: Header[] = [
    ['content-type', CONTENT_TYPES[extname(path).toLowerCase()] ?? 'binary/octet-stream'],
    ['etag', `"${createHash('md5').update(body).digest('hex')}"`],
  ];
  if (cacheControl !== undefined) headers.push(['cache-control', cacheControl]);
  return { body, headers };
}

function xmlError(status: number, code: string): Response {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`;
  return { status, headers: [['content-type', 'application/xml']], body: Buffer.from(body) };
}
