/** Reading a JSON body that a stranger wrote. */
import { type FieldError, Problem } from '../../core/contract/errors.ts';

/** No body of ours nests deeper; a limit keeps hostile depth away from everything that recurses. */
const depthMax = 32;

/** Bodies beyond this are answered 413. */
export const bodyBytesMax = 256 * 1024;

function tooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (quoted) {
      if (character === 0x5c) at++;
      else if (character === 0x22) quoted = false;
    } else if (character === 0x22) quoted = true;
    else if (character === 0x7b || character === 0x5b) {
      if (++depth > depthMax) return true;
    } else if (character === 0x7d || character === 0x5d) depth--;
  }
  return false;
}

interface Place {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

/**
 * What of a value no handler should meet, by its place: hostile depth, keys that would reach an object's prototype, and
 * text that no encoding can carry. Walked without recursion, since depth is what it looks for.
 * @param apart the name of a list at the top whose items are left out: each is checked by itself
 */
function forbidden(value: unknown, root: string, apart?: string): FieldError | undefined {
  const left: Place[] = [{ value, path: root, depth: 0 }];
  for (let place = left.pop(); place; place = left.pop()) {
    const { value: one, path, depth } = place;
    if (typeof one === 'string' && !one.isWellFormed())
      return { path, message: 'must be well-formed Unicode: it holds half of a surrogate pair' };
    if (typeof one !== 'object' || one === null) continue;
    if (depth === depthMax)
      return {
        path: root || (path.split('.')[0] ?? ''),
        message: `must nest at most ${depthMax} levels deep`,
      };
    for (const [key, inner] of Object.entries(one).reverse()) {
      const at = path === '' ? key : `${path}.${key}`;
      if (key === '__proto__' || !key.isWellFormed())
        return { path: at.toWellFormed(), message: 'unknown field' };
      if (depth > 0 || key !== apart || !Array.isArray(inner))
        left.push({ value: inner, path: at, depth: depth + 1 });
    }
  }
  return undefined;
}

/** What a client said of its body's length, where it said so. */
function saidBytes(contentLength: string | undefined): number | undefined {
  return /^\d+$/.test(contentLength ?? '') ? Number(contentLength) : undefined;
}

/**
 * A body as the bytes that it is.
 * @throws Problem `payload_too_large`
 */
export function parseBytes(body: string | undefined, isBase64: boolean, bytesMax: number): Buffer {
  const bytes = Buffer.from(body ?? '', isBase64 ? 'base64' : 'utf8');
  if (bytes.length > bytesMax)
    throw new Problem('payload_too_large', `A body has at most ${bytesMax} bytes, not ${bytes.length}.`);
  return bytes;
}

/**
 * The text of a body.
 * @throws Problem `payload_too_large`, or `invalid_json` where it was not UTF-8
 */
function textOf(body: string | undefined, isBase64: boolean, contentLength: string | undefined): string {
  const bytes = parseBytes(body, isBase64, bodyBytesMax);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Problem('invalid_json', 'The body is not valid UTF-8.', [], { cause });
  }
  // API Gateway hands over text in which it has put U+FFFD in place of what was no UTF-8: then it has another length
  // than was sent. The character itself may be sent like any other.
  const sent = saidBytes(contentLength);
  if (!isBase64 && text.includes('\uFFFD') && sent !== undefined && sent !== bytes.length)
    throw new Problem('invalid_json', 'The body is not valid UTF-8.');
  return text;
}

/** How a body is read beside its text. */
export interface Reading {
  readonly contentLength?: string | undefined;
  /** The name of a list whose items are checked by whoever takes them, each by itself (`wrongIn`). */
  readonly apart?: string | undefined;
}

/**
 * Parses a request's body.
 * @throws Problem `payload_too_large`, `invalid_json` or `invalid_request`
 */
export function parseBody(
  body: string | undefined,
  isBase64: boolean,
  { contentLength, apart }: Reading = {},
): unknown {
  const text = textOf(body, isBase64, contentLength);
  if (apart === undefined && tooDeep(text))
    throw new Problem('invalid_json', `The body nests deeper than ${depthMax} levels.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Problem('invalid_json', 'The body is not valid JSON.', [], { cause });
  }
  const wrong = forbidden(value, '', apart);
  if (wrong) throw new Problem('invalid_request', undefined, [wrong]);
  return value;
}

/**
 * What is wrong with a value that a stranger put into something larger, which was parsed already: its size, its depth,
 * or a key or text in it.
 * @param path where it stands there
 */
export function wrongIn(value: unknown, path: string, bytesMax: number): FieldError | undefined {
  const wrong = forbidden(value, path);
  if (wrong) return wrong;
  const bytes = Buffer.byteLength(JSON.stringify(value) ?? '');
  return bytes > bytesMax
    ? { path, message: `must have at most ${bytesMax} bytes, not ${bytes}` }
    : undefined;
}

/** A text that a stranger wrote, as the JSON that it is; as it stands when it is none, or too deep to be handled. */
export function parseShallow(text: string): unknown {
  if (tooDeep(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
