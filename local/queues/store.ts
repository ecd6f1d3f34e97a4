/**
 * Queues as Amazon SQS's standard queues behave: at-least-once delivery, visibility timeouts, receive counts,
 * redrive to a dead-letter queue. They live in real time: a moved system clock neither expires a message nor
 * makes one visible, except that a message sent with a delay of its own waits for the system's time, as its sender
 * reckons with it. Oldest first, though SQS promises no order.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/
 */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { QueueSpec } from '../resources/queues.ts';
import { transaction } from '../state.ts';
import { alone, type Turn } from '../turn.ts';

export interface Message {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly sentAt: number;
  readonly receiveCount: number;
  readonly firstReceivedAt: number;
  /** The queue it was moved from, for a message in a dead-letter queue. */
  readonly deadLetterSourceArn: string | undefined;
}

export interface Outgoing {
  readonly queueArn: string;
  readonly body: string;
  /** By the system's clock; else the queue's own delay by the machine's. */
  readonly delayMs?: number;
}

export interface Queues {
  /** Puts the messages into their queues, all or none, and answers their ids. */
  send(messages: readonly Outgoing[]): string[];
  /** To be called when another thread has put messages into these queues. */
  announce(queueArns: Iterable<string>): void;
  /** Takes up to `max` visible messages; each is hidden until its visibility timeout passes. */
  receive(queueArn: string, max: number): Message[];
  /**
   * Ends a receive: removes the messages that are `done`, and lets go of the `failed` ones, which stay hidden
   * until their visibility timeout passes. One that has been received again since is left alone.
   */
  settle(queueArn: string, result: { done: readonly Message[]; failed: readonly Message[] }): void;
  /** The number of visible messages. */
  visible(queueArn: string): number;
  /**
   * What can be seen at this moment: the number of visible messages, and when (machine time) the next of those shows
   * itself that are not, or undefined when none is hidden. Asked apart, a message that shows itself in between would be
   * in neither.
   */
  look(queueArn: string): { readonly visible: number; readonly nextAt: number | undefined };
  /**
   * Messages of whatever state in the named queues, not counting those that wait longer than `waitMsMax`, nor those
   * whose own delay is not over: these are no more in flight than a schedule that is not due.
   */
  pending(queueArns: readonly string[], waitMsMax?: number): number;
  /**
   * Makes those visible that nobody holds and that would be within `waitMsMax` anyway. `fresh`: only those that were
   * never received, for what failed is to wait before it is tried again.
   */
  release(queueArns: readonly string[], waitMsMax: number, which: 'all' | 'fresh'): void;
  /** When the next delay of a message in the named queues ends (system time), or undefined when none has one. */
  nextDueAt(queueArns: readonly string[]): number | undefined;
  /** To be called when the system's clock was moved: delays may be over. */
  clockMoved(): void;
  /** Removes what is older than its queue keeps messages. */
  expire(): void;
  /** Calls `listener` with the queue's ARN whenever messages become visible, until the returned function is called. */
  onArrival(listener: (queueArn: string) => void): () => void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    arrived_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER,
    receipt TEXT,
    dead_letter_source TEXT,
    due_at INTEGER
  ) STRICT;
  CREATE INDEX IF NOT EXISTS message_by_queue ON message (queue);
`;

/**
 * What puts messages into their queues, all or none, and answers their ids; for threads beside the one that has opened
 * the queues, which is to be told of it (`announce`).
 * @param clock the system's time; `machine` is the machine's
 */
export function createSender(
  database: DatabaseSync,
  specs: readonly Pick<QueueSpec, 'arn' | 'delayMs'>[],
  { clock, machine, turn }: { clock(): number; machine(): number; readonly turn: Turn },
): Queues['send'] {
  const delays = new Map(specs.map(({ arn, delayMs }) => [arn, delayMs]));
  const insert = database.prepare(
    `INSERT INTO message (queue, message_id, body, sent_at, arrived_at, visible_at, due_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  return (messages) => {
    if (messages.length === 0) return [];
    const ids = messages.map(() => randomUUID());
    transaction(database, turn, () => {
      for (const [index, { queueArn, body, delayMs }] of messages.entries()) {
        const own = delays.get(queueArn);
        if (own === undefined) throw unknownQueue(queueArn, delays.keys());
        const now = machine();
        const visibleAt = now + (delayMs === undefined ? own : 0);
        const dueAt = delayMs === undefined ? null : clock() + delayMs;
        insert.run(queueArn, ids[index] ?? '', body, clock(), now, visibleAt, dueAt);
      }
    });
    return ids;
  };
}

function unknownQueue(arn: string, known: Iterable<string>): TypeError {
  return new TypeError(`There is no queue ${arn}; known are ${[...known].join(', ')}.`);
}

/** A folder of before knows no delays of single messages. */
function addDelays(database: DatabaseSync): void {
  const columns = database.prepare('PRAGMA table_info(message)').all();
  if (!columns.some(({ name }) => name === 'due_at'))
    database.exec('ALTER TABLE message ADD COLUMN due_at INTEGER');
}

/**
 * `clock` gives the system's time, for `SentTimestamp` and for the delays of single messages; everything else goes
 * by the machine's.
 */
export function openQueues(
  database: DatabaseSync,
  specs: readonly QueueSpec[],
  clock: () => number,
  turn = alone,
): Queues {
  database.exec(SCHEMA);
  addDelays(database);
  // Whoever held a message died with the last process: what was in flight is visible at once, and as nobody failed to
  // handle it, that delivery does not count.
  database.exec(
    'UPDATE message SET visible_at = 0, receipt = NULL, receive_count = receive_count - 1 WHERE receipt IS NOT NULL',
  );
  const byArn = new Map(specs.map((spec) => [spec.arn, spec]));
  const listeners = new Set<(queueArn: string) => void>();

  const insertAll = createSender(database, specs, { clock, machine: Date.now, turn });
  const select = database.prepare(
    `SELECT * FROM message WHERE queue = ? AND visible_at <= ? AND (due_at IS NULL OR due_at <= ?)
       ORDER BY id LIMIT ?`,
  );
  const hide = database.prepare(
    `UPDATE message SET visible_at = ?, receipt = ?, receive_count = receive_count + 1,
       first_received_at = coalesce(first_received_at, ?) WHERE id = ?`,
  );
  const move = database.prepare(
    `UPDATE message SET queue = ?, arrived_at = ?, visible_at = 0, receive_count = 0, first_received_at = NULL,
       receipt = NULL, dead_letter_source = ? WHERE id = ?`,
  );
  const remove = database.prepare('DELETE FROM message WHERE queue = ? AND receipt = ?');
  const letGo = database.prepare('UPDATE message SET receipt = NULL WHERE queue = ? AND receipt = ?');
  const countVisible = database.prepare(
    `SELECT count(*) AS n FROM message
       WHERE queue = ? AND visible_at <= ? AND (due_at IS NULL OR due_at <= ?)`,
  );
  const nextVisible = database.prepare(
    'SELECT min(visible_at) AS at FROM message WHERE queue = ? AND visible_at > ?',
  );
  const countPending = database.prepare(
    `SELECT count(*) AS n FROM message
       WHERE queue IN ${listed} AND (visible_at <= ? OR receipt IS NOT NULL) AND (due_at IS NULL OR due_at <= ?)`,
  );
  const nextDue = database.prepare(
    `SELECT min(due_at) AS at FROM message WHERE queue IN ${listed} AND due_at > ?`,
  );
  const over = database.prepare('SELECT DISTINCT queue FROM message WHERE due_at <= ?');
  const show = database.prepare(
    `UPDATE message SET visible_at = 0
       WHERE queue IN ${listed} AND receipt IS NULL AND visible_at > ? AND visible_at <= ? AND receive_count <= ?
       RETURNING queue`,
  );
  const drop = database.prepare('DELETE FROM message WHERE queue = ? AND arrived_at < ?');

  function specOf(arn: string): QueueSpec {
    const spec = byArn.get(arn);
    if (!spec) throw unknownQueue(arn, byArn.keys());
    return spec;
  }

  function look(queueArn: string): ReturnType<Queues['look']> {
    const [now, systemNow] = [Date.now(), clock()];
    const visible = Number(countVisible.get(queueArn, now, systemNow)?.['n'] ?? 0);
    const shown = instant(nextVisible.get(queueArn, now));
    const due = instant(nextDue.get(listOf([queueArn]), systemNow));
    // The system's clock runs as fast as the machine's, so a delay ends in as much of its time.
    return { visible, nextAt: earliest([shown, due === undefined ? undefined : now + due - systemNow]) };
  }

  function announce(arns: Iterable<string>): void {
    for (const arn of arns) for (const listener of listeners) listener(arn);
  }

  /** Takes one row, or moves it to the dead-letter queue when it was received too often already. */
  function take(spec: QueueSpec, row: Row, now: number): Message | undefined {
    if (spec.redrive && row.receive_count >= spec.redrive.receiveCountMax) {
      move.run(spec.redrive.deadLetterArn, now, spec.arn, row.id);
      return undefined;
    }
    const receiptHandle = randomUUID();
    hide.run(now + spec.visibilityTimeoutMs, receiptHandle, now, row.id);
    return {
      messageId: row.message_id,
      receiptHandle,
      body: row.body,
      sentAt: row.sent_at,
      receiveCount: row.receive_count + 1,
      firstReceivedAt: row.first_received_at ?? now,
      deadLetterSourceArn: row.dead_letter_source ?? undefined,
    };
  }

  return {
    send(messages) {
      const ids = insertAll(messages);
      announce(new Set(messages.map(({ queueArn }) => queueArn)));
      return ids;
    },
    announce,
    receive(queueArn, max) {
      const spec = specOf(queueArn);
      const now = Date.now();
      const dead = spec.redrive?.deadLetterArn;
      let moved = false;
      const taken = transaction(database, turn, () => {
        const rows = select.all(queueArn, now, clock(), max) as unknown as Row[];
        const messages = rows.map((row) => take(spec, row, now)).filter((message) => message !== undefined);
        moved = messages.length < rows.length;
        return messages;
      });
      if (moved && dead !== undefined) announce([dead]);
      return taken;
    },
    settle(queueArn, { done, failed }) {
      transaction(database, turn, () => {
        for (const { receiptHandle } of done) remove.run(queueArn, receiptHandle);
        for (const { receiptHandle } of failed) letGo.run(queueArn, receiptHandle);
      });
    },
    visible: (queueArn) => look(queueArn).visible,
    look,
    pending: (queueArns, waitMsMax = Number.MAX_SAFE_INTEGER / 2) =>
      Number(countPending.get(listOf(queueArns), Date.now() + waitMsMax, clock())?.['n'] ?? 0),
    nextDueAt: (queueArns) => instant(nextDue.get(listOf(queueArns), clock())),
    clockMoved: () => announce(over.all(clock()).map(({ queue }) => String(queue))),
    release(queueArns, waitMsMax, which) {
      const now = Date.now();
      const receivesMax = which === 'fresh' ? 0 : Number.MAX_SAFE_INTEGER;
      const shown = turn.during(() => show.all(listOf(queueArns), now, now + waitMsMax, receivesMax));
      announce(new Set(shown.map(({ queue }) => String(queue))));
    },
    expire() {
      turn.during(() => {
        for (const { arn, retentionMs } of specs) drop.run(arn, Date.now() - retentionMs);
      });
    },
    onArrival(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

/** Several queues as one parameter of a statement. */
const listed = '(SELECT value FROM json_each(?))';

function listOf(queueArns: readonly string[]): string {
  return JSON.stringify(queueArns);
}

function instant(row: Record<string, unknown> | undefined): number | undefined {
  const at = row?.['at'];
  return typeof at === 'number' ? at : undefined;
}

function earliest(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((at) => at !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

interface Row {
  readonly id: number;
  readonly message_id: string;
  readonly body: string;
  readonly sent_at: number;
  readonly receive_count: number;
  readonly first_received_at: number | null;
  readonly dead_letter_source: string | null;
}
