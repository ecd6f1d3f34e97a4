/** From where on the network a request comes: for limits that no key names the caller of. */

/**
 * The viewer's address, behind CloudFront and API Gateway. Each of the two adds whom it was asked by at the end of
 * `X-Forwarded-For`: the last is CloudFront, the one before it is who asked CloudFront, and what stands before those
 * anybody can have written. Who comes to the API without CloudFront could write the last but one, too.
 *
 * An IPv6 network of 64 bits is one source: whoever has an address there has all of them.
 */
export function sourceOf(event: {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestContext: { readonly http: { readonly sourceIp: string } };
}): string {
  const { sourceIp } = event.requestContext.http;
  const via = (event.headers['x-forwarded-for'] ?? '').split(',').map((one) => one.trim());
  const asked = via.at(-2);
  return networkOf(asked === undefined || asked === '' ? sourceIp : asked);
}

/**
 * What one source is called in logs for one day (UTC): the same for all of its requests, and nothing by which it is found
 * without the root of the hashes, or followed into the next day.
 * @param now milliseconds since 1970
 */
export function sourceInLogs(
  keyed: (label: string, text: string) => string,
  source: string,
  now: number,
): string {
  const day = new Date(now).toISOString().slice(0, 10);
  return keyed(`log source ${day}`, source).slice(0, 16);
}

function networkOf(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '').toLowerCase();
  if (!bare.includes(':')) return bare;
  // An address of the older kind in the newer one's clothes.
  const old = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  if (old?.[1]) return old[1];
  const [head = '', tail] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return `${all
    .slice(0, 4)
    .map((part) => part.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
