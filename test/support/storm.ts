/** Phones as Apple Wallet makes them, and the faults that a storm has for those who write to wallets. */
import { passJson } from '../passes/apple/read.ts';
import type { System } from './system.ts';

/** A number of 0 up to (not including) 1, by mulberry32: the same for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What APNs may answer a push to a phone that is there. */
export const passingFaults = [
  { status: 429, reason: 'TooManyRequests' },
  { status: 429, reason: 'TooManyRequests', retryAfter: 1 },
  { status: 500, reason: 'InternalServerError' },
  { status: 503, reason: 'Shutdown' },
  { connection: 'close' },
  { connection: 'goaway' },
  // Since before the phone registered: it is there again.
  { status: 410, reason: 'Unregistered', timestamp: Date.parse('2026-01-01T00:00:00Z') },
] as const;

/** What it answers of a phone that is not there any more. */
export const lastFaults = [
  { status: 410, reason: 'Unregistered' },
  { status: 400, reason: 'BadDeviceToken' },
] as const;

export const googleFaults = [
  { status: 403, reason: 'quotaExceeded' },
  { status: 409, reason: 'existingResource' },
  { status: 429, reason: 'rateLimitExceeded' },
  { status: 500, reason: 'backendError' },
  { status: 503, reason: 'backendError' },
  { status: 401, reason: 'authError' },
  { close: 'before' },
  { close: 'after' },
] as const;

/** A pass as somebody holds it. */
export interface HeldPass {
  readonly version: number;
  readonly points: number;
  readonly lastModified: string;
}

export interface Holder {
  readonly memberId: string;
  readonly appleUrl: string;
}

function readPass(bytes: Buffer, lastModified: string | null) {
  const pass = passJson(bytes);
  const points = pass.storeCard.headerFields.find(({ key }) => key === 'points')?.['value'];
  const held: HeldPass = {
    version: (pass['userInfo'] as { version: number }).version,
    points: Number(points),
    lastModified: lastModified ?? '',
  };
  const token = `ApplePass ${pass['authenticationToken']}`;
  return { held, token, passType: String(pass['passTypeIdentifier']) };
}

interface Wallet {
  readonly token: string;
  readonly passType: string;
  readonly held: HeldPass;
}

/** A phone: it downloads passes, registers them, and then does nothing but come when it is pushed. */
export class Phone {
  readonly passes = new Map<string, Wallet>();
  private tag: string | undefined;
  private heard = 0;
  private readonly system: Pick<System, 'baseUrl'>;
  readonly device: string;
  readonly pushToken: string;

  constructor(system: Pick<System, 'baseUrl'>, device: string, pushToken: string) {
    this.system = system;
    this.device = device;
    this.pushToken = pushToken;
  }

  async download({ memberId, appleUrl }: Holder): Promise<void> {
    const response = await fetch(appleUrl);
    if (response.status !== 200) throw new Error(`A pass was not to be had: ${response.status}.`);
    const bytes = Buffer.from(await response.arrayBuffer());
    this.passes.set(memberId, readPass(bytes, response.headers.get('last-modified')));
  }

  async register({ memberId }: Holder): Promise<void> {
    const { token, passType } = this.of(memberId);
    const path = `devices/${this.device}/registrations/${passType}/${memberId}`;
    const body = JSON.stringify({ pushToken: this.pushToken });
    const { status } = await this.ask('POST', path, token, { body });
    if (status !== 201 && status !== 200) throw new Error(`A registration was answered ${status}.`);
  }

  /** What changed since it asked last; `serials` is empty for a phone that is not known, too. */
  async list(): Promise<string[]> {
    const [any] = this.passes.values();
    if (!any) return [];
    const since = this.tag === undefined ? '' : `?passesUpdatedSince=${this.tag}`;
    const response = await this.ask('GET', `devices/${this.device}/registrations/${any.passType}${since}`);
    if (response.status === 204) return [];
    const answer = (await response.json()) as { serialNumbers: string[]; lastUpdated: string };
    this.tag = answer.lastUpdated;
    return answer.serialNumbers;
  }

  /** Comes if it was pushed since it came last. @returns whether it did */
  async wake(pushes: readonly { pushToken: string; status: number }[]): Promise<boolean> {
    const heard = pushes.filter((one) => one.pushToken === this.pushToken && one.status === 200).length;
    if (heard === this.heard) return false;
    this.heard = heard;
    for (const memberId of await this.list()) await this.fetch(memberId);
    return true;
  }

  private async fetch(memberId: string): Promise<void> {
    const { token, passType, held } = this.of(memberId);
    const headers = { 'if-modified-since': held.lastModified };
    const response = await this.ask('GET', `passes/${passType}/${memberId}`, token, { headers });
    if (response.status === 304) return;
    if (response.status !== 200) throw new Error(`A fetch was answered ${response.status}.`);
    const bytes = Buffer.from(await response.arrayBuffer());
    const read = readPass(bytes, response.headers.get('last-modified'));
    if (read.held.version < held.version) throw new Error('A version went back.');
    this.passes.set(memberId, read);
  }

  private of(memberId: string): Wallet {
    const wallet = this.passes.get(memberId);
    if (!wallet) throw new Error(`${this.device} does not have the pass of ${memberId}.`);
    return wallet;
  }

  private async ask(
    method: string,
    path: string,
    token?: string,
    more: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const headers = { ...more.headers, ...(token === undefined ? {} : { authorization: token }) };
    return fetch(`${this.system.baseUrl}/apple/v1/${path}`, { ...more, method, headers });
  }
}
