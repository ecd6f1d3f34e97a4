/**
 * How many copies of each function may run, so that no flood takes what the tills need. An account may run 1,000
 * copies of all its functions together unless AWS was asked for more (Lambda's quota "Concurrent executions"; a new
 * account may begin lower, and says so by `-c concurrency=`).
 *
 * Of 1,000:
 * - 230 at most are the public doors': pages, phones, wallets' makers and shops call these, and anybody may;
 * - 249 at most read queues: three kinds of channels 40 each, orders to be asked for 4, the cards' updaters 62, referrals
 *   20, holds and messages 10 each, walks 6, dead letters some 20;
 * - what is left, more than 500, is for those whom people wait for: intake, redemptions, members and operators, with the
 *   outbox (a copy a shard of the table's stream) and the schedules. At a tenth of a second a request, 2,000 requests a
 *   second take 200.
 */
import type { ConsumerName } from '../core/contract/events.ts';
import type { FunctionName } from '../core/contract/functions.ts';

/** What an account may run unless AWS was asked for more. */
export const accountDefault = 1_000;
/** AWS keeps so many from being reserved. */
const unreservedMin = 100;
/** SQS lets a queue be read by no fewer. */
const copiesMin = 2;

/** Copies that one queue keeps busy, in an account of the default size; each reads ten messages at a time. */
const ofQueues: Record<ConsumerName, number> = {
  // 2,000 purchases a second of a kind of channel, its own queue's share: a flood from one leaves the others theirs.
  purchases: 40,
  // Shops let themselves be asked a few times a second.
  orders: 4,
  'apple-push': 40,
  // They take turns at Google's 20 requests a second; two keep it busy, more would only wait for each other.
  'google-update': 2,
  'samsung-update': 20,
  referrals: 20,
  messages: 10,
  holds: 10,
};

/** Who takes their own number and no more of everybody's. */
const publicDoors = {
  cards: 100,
  apple: 50,
  deliveries: 20,
  join: 20,
  google: 20,
  samsung: 20,
} as const satisfies Partial<Record<FunctionName, number>>;

/**
 * Steps that are taken side by side. A step has twenty accounts in hand, so these write some three thousand a second,
 * which is half of what a table takes by AWS's default quota: the tills have the other half.
 */
export const walkCopies = 6;

export interface Concurrency {
  /** How many copies of a consumer one of its queues may keep busy. */
  readonly ofQueue: (consumer: ConsumerName) => number;
  /** How many steps of walks are taken side by side. */
  readonly ofWalks: number;
  /** How many copies of a function may run, which nobody else takes; undefined for a share of what is left. */
  readonly reserved: (name: FunctionName) => number | undefined;
}

/** @param account how many copies the account may run at the same time */
export function concurrencyOf(account: number): Concurrency {
  const share = (of: number) => Math.floor((of * account) / accountDefault);
  const doors = Object.values(publicDoors).reduce((sum, of) => sum + share(of), 0);
  // In an account too small for it nothing is reserved, and the public doors compete with the others.
  const canReserve = share(Math.min(...Object.values(publicDoors))) > 0 && account - doors >= unreservedMin;
  return {
    ofWalks: Math.max(copiesMin, share(walkCopies)),
    ofQueue: (consumer) =>
      consumer === 'google-update'
        ? ofQueues[consumer]
        : Math.min(1_000, Math.max(copiesMin, share(ofQueues[consumer]))),
    reserved: (name) =>
      canReserve && Object.hasOwn(publicDoors, name)
        ? share(publicDoors[name as keyof typeof publicDoors])
        : undefined,
  };
}
