/**
 * `node test/bench/expressions.ts`: what conditions cost on one core, each as a multiple of the simple
 * comparison in JavaScript that a programmer would have written for it, and of a backtest's goal.
 */
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import {
  compileCondition,
  type ExpressionScope,
  lineScope,
  memberScope,
  purchaseScope,
} from '../../core/expressions.ts';

/** Purchases a second that a backtest is to get through. */
const goal = 200_000;

function purchaseOf(number: number): RecordedPurchase {
  const line = { id: '1', sku: 'ESP-250', name: 'Espresso 250 g', quantity: 2, amountMinor: 1180 };
  return {
    channel: 'store',
    id: `store:INV-${number}`,
    occurredAt: '2026-11-22T11:00:00Z',
    currency: 'EUR',
    lines: [{ ...line, category: number % 2 === 0 ? 'coffee' : 'kitchen' }],
    totalMinor: number * 1000,
    store: 'paris-01',
  };
}

const purchases = [0, 1, 2, 3].map(purchaseOf);
const standing = { tier: 'complice', since: '2026-01-31T12:00:00Z' };

function scopeOf(purchase: RecordedPurchase): ExpressionScope {
  const [line] = purchase.lines;
  if (!line) throw new Error('A purchase has at least one line.');
  const seen = purchaseScope(purchase, 'Europe/Paris');
  return { purchase: seen, line: lineScope(line), member: memberScope(standing, seen) };
}

const scopes = purchases.map(scopeOf);

/** The best of five rounds, in calls a second: the machine's other work only ever makes a round slower. */
function rate(rounds: number, call: (index: number) => unknown): number {
  let best = 0;
  let used = 0;
  for (let round = 0; round < 5; round++) {
    const before = process.hrtime.bigint();
    for (let index = 0; index < rounds; index++) if (call(index & 3) === true) used++;
    best = Math.max(best, rounds / (Number(process.hrtime.bigint() - before) / 1e9));
  }
  if (used < 0) throw new Error('The results are counted so that they are computed.');
  return best;
}

function conditionOf(text: string): (scope: ExpressionScope) => boolean {
  const compiled = compileCondition(text);
  if ('error' in compiled) throw new Error(compiled.error.message);
  return compiled.condition;
}

const conditions = [
  "line.category == 'coffee'",
  "line.category == 'coffee' && purchase.totalMinor >= 2000",
  "line.category in ['tea', 'cocoa', 'coffee'] && line.sku.startsWith('ESP-')",
  "purchase.occurredAt > member.since + duration('720h')",
  "purchase.occurredAt < timestamp('2027-01-01T00:00:00Z') && purchase.weekday == 'sun'",
  '1 / (purchase.totalMinor - purchase.totalMinor) == 1',
  `line.quantity < 0.0${' || line.amountMinor + 1 == 0'.repeat(27)}`,
  `${'1 / line.discountMinor == 0 || '.repeat(24)}false`,
];

const plain = rate(5_000_000, (index) => {
  const scope = scopes[index] as ExpressionScope;
  return scope.line.category === 'coffee' && scope.purchase.totalMinor >= 2000n;
});

function show(what: string, perSecond: number): void {
  const count = Math.round(perSecond).toLocaleString('en').padStart(12);
  const slower = `${(plain / perSecond).toFixed(1)} ×`.padStart(9);
  const goals = `${(perSecond / goal).toFixed(1)} ×`.padStart(8);
  console.log(`${count}  ${slower}  ${goals}  ${what.length > 90 ? `${what.slice(0, 87)}…` : what}`);
}

console.log('  per second    slower  of goal');
show('the same in JavaScript', plain);
for (const text of conditions) {
  const condition = conditionOf(text);
  show(
    text,
    rate(100_000, (index) => condition(scopes[index] as ExpressionScope)),
  );
}
show(
  'building the scopes of purchase, line and member',
  rate(500_000, (index) => scopeOf(purchases[index] as RecordedPurchase)),
);
const [, usual = ''] = conditions;
show(
  'compiling again: the same text',
  rate(1_000_000, () => compileCondition(usual)),
);
let number = 0;
show(
  'compiling anew: another text each time',
  rate(10_000, () => compileCondition(`line.category == 'coffee' && purchase.totalMinor >= ${number++}`)),
);
