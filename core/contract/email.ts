/**
 * E-mail addresses: what is one, and when two texts are the same mailbox. Spelling must not make one person two: an
 * address in angle brackets, with the dot of the root, with characters that nobody sees, in full width, or with its
 * domain in letters or as Punycode is the same. What a provider makes of dots and tags is not known here.
 */

/** What is drawn as nothing: zero-width characters, soft hyphens, marks of direction, the byte-order mark. */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
/** One dot at the end; UTS 46 takes all of these for it. */
const rootDot = /(?<![.\u3002\uff0e\uff61])[.\u3002\uff0e\uff61]$/;

/** The address as it is kept and written to: without what does not belong to it, its case as it was given. */
export function cleanEmail(typed: string): string {
  const bare = typed.normalize('NFKC').replace(unseen, '').trim().replace(rootDot, '');
  const inner = /^<([^<>]*)>$/.exec(bare)?.[1]?.trim();
  return inner === undefined ? bare : inner.replace(rootDot, '');
}

/** RFC 5321: at most 64 octets before the sign, and no more than 254 in all. */
const localMax = 64;
const addressMax = 254;
/** RFC 5322's atoms, with letters of every script (RFC 6531). Dots stand anywhere, as some providers have given them. */
const local = /^[^\s@"(),:;<>[\\\]\p{C}\p{Z}]+$/u;
/** RFC 1123: no label begins or ends with a dash. */
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** What would make an address of the web something else than a host. */
const noHost = /[\s/?#:@\\%[\]<>^|"`{}]/;

/** A host of plain letters and digits, which nothing has to be made of but lower case. */
const plainHost = /^(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*$/i;

/** The host of the web that a domain would be; undefined for none. Parsing an address costs more than all else here. */
function hostOf(domain: string): string | undefined {
  if (plainHost.test(domain)) return domain.toLowerCase();
  if (noHost.test(domain) || !URL.canParse(`http://${domain}`)) return undefined;
  return new URL(`http://${domain}`).hostname;
}

/** The domain as the mail goes to it: in lower case, as Punycode; undefined for what is none. */
function asciiDomain(domain: string): string | undefined {
  const hostname = hostOf(domain);
  if (hostname === undefined) return undefined;
  const labels = hostname.split('.');
  const isAddressOfNumbers = /^\d+$/.test(labels.at(-1) ?? '');
  if (labels.length < 2 || isAddressOfNumbers || hostname.length > 253) return undefined;
  return labels.every((one) => label.test(one)) ? hostname : undefined;
}

function octets(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The one form of a mailbox, however it is spelt, by which it is recognised; undefined for what is no address. */
export function canonicalEmail(typed: string): string | undefined {
  const clean = cleanEmail(typed);
  const at = clean.lastIndexOf('@');
  const name = clean.slice(0, at).toLowerCase();
  if (at < 1 || !clean.isWellFormed() || !local.test(name) || octets(name) > localMax) return undefined;
  const domain = asciiDomain(clean.slice(at + 1));
  return domain === undefined || octets(clean) > addressMax ? undefined : `${name}@${domain}`;
}
