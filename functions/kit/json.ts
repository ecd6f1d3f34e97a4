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

/** Keys that would reach an object's prototype, and text that no encoding can carry, by their place. */
function forbidden(value: unknown, path: string): FieldError | undefined {
  if (typeof value === 'string')
    return value.isWellFormed() ? undefined : { path, message: 'must be well-formed Unicode' };
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const at = path ? `${path}.${key}` : key;
    if (key === '__proto__' || !key.isWellFormed())
      return { path: at.toWellFormed(), message: 'unknown field' };
    const found = forbidden(inner, at);
    if (found) return found;
  }
  return undefined;
}

/**
 * Parses a request's body.
 * @throws Problem `payload_too_large`, `invalid_json` or `invalid_request`
 */
export function parseBody(body: string | undefined, isBase64: boolean): unknown {
  const bytes = Buffer.from(body ?? '', isBase64 ? 'base64' : 'utf8');
  if (bytes.length > bodyBytesMax)
    throw new Problem('payload_too_large', `A body has at most ${bodyBytesMax} bytes, not ${bytes.length}.`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Problem('invalid_json', 'The body is not valid UTF-8.', [], { cause });
  }
  // API Gateway hands over text in which it has already put this in place of what was no UTF-8.
  if (text.includes('\uFFFD')) throw new Problem('invalid_json', 'The body is not valid UTF-8.');
  if (tooDeep(text)) throw new Problem('invalid_json', `The body nests deeper than ${depthMax} levels.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Problem('invalid_json', 'The body is not valid JSON.', [], { cause });
  }
  const wrong = forbidden(value, '');
  if (wrong) throw new Problem('invalid_request', undefined, [wrong]);
  return value;
}

/**
 * What is wrong with a value that a stranger put into something larger, which was parsed already: its size, its depth,
 * or a key or text in it.
 * @param path where it stands there
 */
export function wrongIn(value: unknown, path: string, bytesMax: number): FieldError | undefined {
  const text = JSON.stringify(value) ?? '';
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) return { path, message: `must have at most ${bytesMax} bytes, not ${bytes}` };
  if (tooDeep(text)) return { path, message: `must nest at most ${depthMax} levels deep` };
  return forbidden(value, path);
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
