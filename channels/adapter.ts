/**
 * What every shop's adapter is: pure functions from bytes to what the shop tells (core/orders.ts). What has to be
 * fetched it asks for by data, and one shared function fetches it. Each has a folder of its own and one line in
 * `adapters.ts`.
 */
import type { Told } from '../core/orders.ts';

/** What a shop posts. */
export interface Delivery {
  /** As it came: signatures are over these bytes. */
  readonly body: Buffer;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Where it was posted, as the shop knows the address. */
  readonly url: string;
}

/** What operators say of a shop beside its name: texts by the names that `Adapter.settings` lists. */
export type Settings = Readonly<Record<string, string>>;

/** What is known of a channel's shop when something is to be verified or fetched. */
export interface Credentials {
  /** What deliveries are signed with: several while one takes the place of another. */
  readonly secrets: readonly string[];
  /** What the shop's API wants to see; its form is the adapter's. */
  readonly apiToken: string | null;
}

/** A request to the shop's API. */
export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: unknown;
}

/** What was answered: JSON, or null where the shop answered 404. */
export type Answer = unknown;

export type Reading =
  | { readonly type: 'told'; readonly told: readonly Told[] }
  /** Genuine, and nothing that a loyalty system has to know. */
  | { readonly type: 'nothing' }
  /** Genuine, and not to be understood: kept for operators. `reason` is a sentence that names the field. */
  | { readonly type: 'unreadable'; readonly reason: string };

/** A page of what changed. */
export interface ChangedPage {
  readonly told: readonly Told[];
  /** What the next page is asked for with; null behind the last. */
  readonly cursor: string | null;
}

/** How orders are fetched. */
export interface ShopApi {
  /** The requests that one order takes, which may be sent side by side. */
  readonly order: (orderId: string, settings: Settings, credentials: Credentials) => readonly Ask[];
  /**
   * Further requests, which only those answers name: asked for once, and their answers stand behind the others. None
   * where it is absent.
   */
  readonly more?: (
    answers: readonly Answer[],
    settings: Settings,
    credentials: Credentials,
  ) => readonly Ask[];
  /** What their answers say, in the order of the requests. */
  readonly readOrder: (answers: readonly Answer[], settings: Settings) => Reading;
  /** A page of the orders that changed since an instant (RFC 3339), oldest change first. */
  readonly changed: (
    since: string,
    cursor: string | null,
    settings: Settings,
    credentials: Credentials,
  ) => Ask;
  /**
   * @param headers of the answer, by their names in lower case
   * @throws Unreadable where the answer is no such page: nobody can go on behind it
   */
  readonly readChanged: (
    answer: Answer,
    headers: Readonly<Record<string, string | undefined>>,
    settings: Settings,
  ) => ChangedPage;
}

export interface Adapter {
  /** What the settings mean, by their names: a sentence each, as the command line asks for them. */
  readonly settings: Readonly<Record<string, { readonly says: string; readonly needed?: true }>>;
  /** What a secret is and where the shop shows it, as the command line asks for it; null where the shop has none. */
  readonly secret: string | null;
  /** The same for the API's token; null where nothing is ever fetched. */
  readonly apiToken: string | null;
  /** What to do in the shop's console, a sentence each; `{url}` stands for the address that it posts to. */
  readonly clicks: readonly string[];
  /**
   * Whether the shop sent it, and just now where its scheme has a time.
   * @param now milliseconds since 1970
   */
  readonly verify: (delivery: Delivery, credentials: Credentials, now: number) => boolean;
  /** What tells a delivery apart from others, as long as it is repeated unchanged; undefined where it does not say. */
  readonly deliveryId: (delivery: Delivery) => string | undefined;
  /** What a genuine delivery says. Never throws: what it cannot read it says. */
  readonly read: (delivery: Delivery, settings: Settings) => Reading;
  readonly api?: ShopApi;
}
