/** IPv4 and IPv6 addresses as integers, for the pattern language's `cidr` and for comparing addresses. */
import { isIPv4, isIPv6 } from 'node:net';

export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

export interface Network extends Address {
  /** How many leading bits an address must share with `value`. */
  readonly prefixLength: number;
}

/** The address that `text` writes, or undefined when it writes none. */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { bits: 32, value: joined(text.split('.').map(Number), 8n) };
  // A zone ("fe80::1%eth0") means something on one machine only.
  if (!isIPv6(text) || text.includes('%')) return undefined;
  return { bits: 128, value: joined(groupsOf(text), 16n) };
}

/** The network that `text` writes as `address/length`, or undefined when it writes none. */
export function parseNetwork(text: string): Network | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = match?.[1] === undefined ? undefined : parseAddress(match[1]);
  const prefixLength = Number(match?.[2]);
  if (!address || prefixLength > address.bits) return undefined;
  return { ...address, prefixLength };
}

export function inNetwork(address: Address, network: Network): boolean {
  const hostBits = BigInt(network.bits - network.prefixLength);
  return address.bits === network.bits && address.value >> hostBits === network.value >> hostBits;
}

/** The eight 16-bit groups of an IPv6 address, `::` filled up and a trailing IPv4 part written as two groups. */
function groupsOf(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const left = groups(head);
  if (tail === undefined) return left;
  const right = groups(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function groups(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}

function joined(parts: readonly number[], bitsPerPart: bigint): bigint {
  return parts.reduce((value, part) => (value << bitsPerPart) | BigInt(part), 0n);
}
