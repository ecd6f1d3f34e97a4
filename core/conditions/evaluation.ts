/**
 * How a checked condition is evaluated. The library's operators on texts and doubles are JavaScript's: texts are
 * ordered by UTF-16 units, where CEL orders by code points, and 0.1 × 3 is not 0.3. It does not let its own operators
 * be replaced, so the condition is written again with functions in their place, and the library evaluates that.
 */
import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js';
import { ownValue } from '../own.ts';
import { localTime } from '../time.ts';
import { kindOf } from './allowed.ts';
import { arithmetic, Fraction, order, readFraction, whole } from './fraction.ts';
import {
  type FieldType,
  LineScope,
  lineFields,
  MemberScope,
  memberFields,
  PurchaseScope,
  purchaseFields,
} from './scope.ts';

// The language, to whoever writes and to who evaluates ------------------------------------------------------------

type Named = Readonly<Record<string, FieldType>>;

/** The fields as the library is told of them. */
function fieldsAs(fields: Named, decimal: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, type]) => [name, type === 'decimal' ? decimal : type]),
  );
}

export function withScope(environment: Environment, decimal: string): Environment {
  return environment
    .registerType('Purchase', { ctor: PurchaseScope, fields: fieldsAs(purchaseFields, decimal) })
    .registerType('Line', { ctor: LineScope, fields: fieldsAs(lineFields, decimal) })
    .registerType('Member', { ctor: MemberScope, fields: fieldsAs(memberFields, decimal) })
    .registerVariable('purchase', 'Purchase')
    .registerVariable('line', 'Line')
    .registerVariable('member', 'Member');
}

const arithmeticOperators = ['+', '-', '*', '/'] as const;
const orders = {
  '==': (sign: number) => sign === 0,
  '<': (sign: number) => sign < 0,
  '<=': (sign: number) => sign <= 0,
  '>': (sign: number) => sign > 0,
  '>=': (sign: number) => sign >= 0,
} as const;

/** CEL's readers of an instant in a zone, by what replaces them; months and days of the month count from 0 there. */
const getters: Readonly<Record<string, (at: Date, zone: string) => number>> = {
  getFullYear: (at, zone) => localTime(at.getTime(), zone).year,
  getMonth: (at, zone) => localTime(at.getTime(), zone).month - 1,
  getDate: (at, zone) => localTime(at.getTime(), zone).day,
  getDayOfMonth: (at, zone) => localTime(at.getTime(), zone).day - 1,
  getDayOfWeek: (at, zone) => {
    const { year, month, day } = localTime(at.getTime(), zone);
    return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
  },
  getHours: (at, zone) => localTime(at.getTime(), zone).hour,
  getMinutes: (at, zone) => localTime(at.getTime(), zone).minute,
  getSeconds: (at, zone) => localTime(at.getTime(), zone).second,
};

const literals = new Map<string, Fraction>();

/** The same text is read once; a programme has a few, the bound is for those who try many. */
function literal(text: string): Fraction {
  let known = literals.get(text);
  if (!known) {
    known = readFraction(text);
    if (literals.size > 1000) literals.clear();
    literals.set(text, known);
  }
  return known;
}

/** Texts by their code points. */
function textOrder(a: string, b: string): bigint {
  let at = 0;
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  // Inside a pair of surrogates the first halves are the same, and the second ones are ordered as their points are.
  const left = a.codePointAt(at) ?? -1;
  const right = b.codePointAt(at) ?? -1;
  return BigInt(Math.sign(left - right));
}

type Numeric = Fraction | bigint;

function fraction(value: Numeric): Fraction {
  return typeof value === 'bigint' ? whole(value) : value;
}

/** The library with exact decimals: the type of quantities, and of every number that is written with a point. */
function evaluating(): Environment {
  const environment = withScope(
    new Environment({ limits: { maxAstNodes: 2000, maxDepth: 100, maxListElements: 200 } }).registerType(
      'Decimal',
      { ctor: Fraction, fields: {} },
    ),
    'Decimal',
  );
  for (const [left, right] of [
    ['Decimal', 'Decimal'],
    ['Decimal', 'int'],
    ['int', 'Decimal'],
  ] as const) {
    for (const operator of arithmeticOperators)
      environment.registerOperator(`${left} ${operator} ${right}: Decimal`, (a: Numeric, b: Numeric) =>
        arithmetic[operator](fraction(a), fraction(b)),
      );
    for (const [operator, says] of Object.entries(orders)) {
      // An equality of two types is registered by the library both ways round.
      if (operator === '==' && left === 'int') continue;
      environment.registerOperator(`${left} ${operator} ${right}: bool`, (a: Numeric, b: Numeric) =>
        says(order(fraction(a), fraction(b))),
      );
    }
    if (left !== right)
      environment.registerOperator(
        `${left} in list<${right}>: bool`,
        (one: Numeric, list: readonly Numeric[]) =>
          list.some((other) => order(fraction(one), fraction(other)) === 0),
      );
  }
  environment
    .registerOperator('-Decimal', ({ top, bottom }: Fraction) => new Fraction(-top, bottom))
    .registerFunction('decimal(string): Decimal', literal)
    .registerFunction('exact(Decimal): Decimal', (value: Fraction) => value)
    .registerFunction('exact(int): Decimal', whole)
    .registerFunction('exact(string): Decimal', readFraction)
    .registerFunction('textOrder(string, string): int', textOrder)
    .registerFunction(
      'Purchase.daysSince(google.protobuf.Timestamp): int',
      (purchase: PurchaseScope, at: Date) => purchase.daysSince(at),
    );
  for (const [name, read] of Object.entries(getters))
    environment.registerFunction(
      `google.protobuf.Timestamp.${name}In(string): int`,
      (at: Date, zone: string) => BigInt(read(at, zone)),
    );
  return environment;
}

/**
 * What texts are checked against: decimals are CEL's double, and go together with whole numbers in either order. Nothing
 * is ever evaluated by it.
 */
export function mixingNumbers(environment: Environment): Environment {
  const never = () => {
    throw new Error('Conditions are evaluated as they are written again.');
  };
  environment.registerOperator('double == int: bool', never);
  environment.registerOperator('double in list<int>: bool', never);
  environment.registerOperator('int in list<double>: bool', never);
  environment.registerFunction('daysSince(google.protobuf.Timestamp): int', never);
  for (const operator of arithmeticOperators) {
    environment.registerOperator(`double ${operator} int: double`, never);
    environment.registerOperator(`int ${operator} double: double`, never);
  }
  return environment;
}

// Written again ---------------------------------------------------------------------------------------------------

/** Functions that have another name there: until the purchase is until when days are counted. */
const evaluatedAs: Readonly<Record<string, string>> = {
  double: 'exact',
  daysSince: 'purchase.daysSince',
};

/** A checked tree as a text for evaluation, every operation in parentheses. */
function written(node: ASTNode): string {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'number'
        ? `decimal("${node.args}")`
        : typeof node.args === 'string'
          ? JSON.stringify(node.args)
          : String(node.args);
    case 'id':
      return node.args;
    case '.':
      return `${written(node.args[0])}.${node.args[1]}`;
    case 'call': {
      const [name, parameters] = node.args;
      return `${ownValue(evaluatedAs, name) ?? name}(${parameters.map(written).join(', ')})`;
    }
    case 'rcall': {
      const [name, receiver, parameters] = node.args;
      const isZoned = Object.hasOwn(getters, name) && parameters.length > 0;
      return `${written(receiver)}.${name}${isZoned ? 'In' : ''}(${parameters.map(written).join(', ')})`;
    }
    case 'list':
      return `[${node.args.map(written).join(', ')}]`;
    case '!_':
      return `(!${written(node.args)})`;
    case '-_':
      return `(-${written(node.args)})`;
    case '?:': {
      const [condition, one, other] = node.args.map(written);
      return `(${condition} ? ${one} : ${other})`;
    }
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const [left, right] = node.args;
      if (kindOf(left) !== 'text') return `(${written(left)} ${node.op} ${written(right)})`;
      return `(textOrder(${written(left)}, ${written(right)}) ${node.op} 0)`;
    }
    case 'map':
    case '.?':
    case '[]':
    case '[?]':
      throw new Error(`A condition with ${node.op} is refused.`);
    default:
      return `(${written(node.args[0])} ${node.op} ${written(node.args[1])})`;
  }
}

/** Made when the first condition is compiled: most requests compile none. */
let environment: Environment | undefined;

/** A condition that was checked, ready to be evaluated. */
export function evaluable(checked: ASTNode): ParseResult {
  environment ??= evaluating();
  return environment.parse(written(checked));
}
