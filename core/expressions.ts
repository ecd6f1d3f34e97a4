/**
 * Conditions of campaigns and stamps: CEL, the Common Expression Language
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md), over `purchase`, `line` and `member`.
 *
 * The library parses, type-checks and evaluates. On top of its limits stands a list of the syntax and functions
 * that are let through (conditions/allowed.ts); how numbers and texts are compared is in conditions/evaluation.ts.
 *
 * Integers are CEL's int64, computed with bigint; a sum, difference or product that does not fit is an error.
 */
import { type ASTNode, Environment, ParseError, TypeError as TypeMismatch } from '@marcbachmann/cel-js';
import {
  type ConditionError,
  childrenOf,
  lengthMax,
  limits,
  problemIn,
  textsBeside,
} from './conditions/allowed.ts';
import { evaluable, mixingNumbers, withScope } from './conditions/evaluation.ts';
import { type ExpressionScope, type LineScope, lineFields } from './conditions/scope.ts';

export { type ConditionError, conditionHelp } from './conditions/allowed.ts';
export {
  type Buyer,
  type ExpressionScope,
  type LineScope,
  lineScope,
  type MemberScope,
  memberScope,
  type PurchaseScope,
  purchaseScope,
} from './conditions/scope.ts';

/** Whether a condition holds. An error while evaluating, such as a division by zero, is no match. */
export type Condition = (scope: ExpressionScope) => boolean;

export type Compiled =
  | { readonly condition: Condition; readonly reads: Reads }
  | { readonly error: ConditionError };

/** Facts of a member that have to be kept with what was computed from them. */
export const facts = ['purchases', 'birthdayMonth'] as const;
export type Fact = (typeof facts)[number];

/** What a condition can tell apart. */
export interface Reads {
  /** The one field of lines that it reads; `none`, or `many` for whatever is more. */
  readonly line: keyof LineScope | 'none' | 'many';
  /** Whether it reads nothing but lines: then it says the same of the same field in every purchase. */
  readonly onlyLines: boolean;
  /** What it reads of the member that neither account nor tier say by themselves. */
  readonly facts: readonly Fact[];
  /** The channels that it names. */
  readonly channels: readonly string[];
}

/** The fields that a tree names, as `line.category`; a variable that stands by itself is named as such. */
function namesIn(node: ASTNode, names: Set<string>): Set<string> {
  if (node.op === '.' && node.args[0].op === 'id') return names.add(`${node.args[0].args}.${node.args[1]}`);
  if (node.op === 'id') return names.add(node.args);
  // Counted until the purchase, wherever they begin.
  if (node.op === 'call' && node.args[0] === 'daysSince') names.add('purchase.occurredAt');
  for (const child of childrenOf(node)) namesIn(child, names);
  return names;
}

function readsOf(ast: ASTNode): Reads {
  const names = [...namesIn(ast, new Set())];
  const ofLines = names.filter((name) => /^line\b/.test(name));
  const fields = Object.keys(lineFields) as (keyof LineScope)[];
  const field = fields.find((one) => ofLines.length === 1 && ofLines[0] === `line.${one}`);
  // A quantity is another object each time it is asked for, which nothing can be looked up by.
  const single = field === 'quantity' ? undefined : field;
  return {
    line: ofLines.length === 0 ? 'none' : (single ?? 'many'),
    onlyLines: ofLines.length === names.length,
    facts: facts.filter((fact) => names.includes(`member.${fact}`)),
    channels: textsBeside('purchase.channel', ast),
  };
}

/** What texts are checked by, made for the first of them. */
let checking: Environment | undefined;

/** The library's explanation; what it did not expect of a text is explained by whatever it tripped over. */
function explained(error: unknown, text: string): ConditionError {
  if (error instanceof ParseError || error instanceof TypeMismatch) {
    const position = error.range?.start;
    return {
      message: withRemedy(wholeCharacter(error.summary, text, position)),
      ...(position === undefined ? {} : { position }),
    };
  }
  return { message: error instanceof Error ? error.message : String(error) };
}

/** The library (cel-js 8.0.0) names half of a character that takes two units of UTF-16: not well-formed text, which no store takes. */
function wholeCharacter(summary: string, text: string, position = 0): string {
  if (summary.isWellFormed()) return summary;
  return summary
    .replace(/\p{Surrogate}/u, String.fromCodePoint(text.codePointAt(position) ?? 0xfffd))
    .toWellFormed();
}

/** A list is of one type in CEL, so `[1, 2.5]` is none. */
function withRemedy(summary: string): string {
  const mixes = /List elements must have the same type/.test(summary) && /'double'/.test(summary);
  return mixes && /'int'/.test(summary)
    ? `${summary}: write each of its numbers with a point, as 1.0`
    : summary;
}

function compile(text: string, isStored: boolean): Compiled {
  try {
    checking ??= mixingNumbers(withScope(new Environment({ limits }), 'double'));
    const parsed = checking.parse(text);
    const error = problemIn(parsed.ast, isStored);
    if (error) return { error };
    const checked = parsed.check();
    if (!checked.valid) return { error: explained(checked.error, text) };
    if (checked.type !== 'bool')
      return { error: { message: `the result must be bool, it is ${checked.type}`, position: 0 } };
    const evaluated = evaluable(parsed.ast);
    return {
      reads: readsOf(parsed.ast),
      condition: (scope) => {
        try {
          return evaluated(scope) === true;
        } catch {
          return false;
        }
      },
    };
  } catch (error) {
    return { error: explained(error, text) };
  }
}

/** A programme has a few hundred conditions at most; the bound is for those who try many texts. */
const cacheMax = 1000;

/** The same text is compiled once. */
function remembering(isStored: boolean): (text: string) => Compiled {
  const cache = new Map<string, Compiled>();
  return (text) => {
    if (text.length > lengthMax)
      return {
        error: { message: `a condition has at most ${lengthMax} characters, this has ${text.length}` },
      };
    if (!text.isWellFormed() || text.includes('\0'))
      return { error: { message: 'a condition is well-formed Unicode without NUL' } };
    let compiled = cache.get(text);
    if (!compiled) {
      compiled = compile(text, isStored);
      if (cache.size >= cacheMax) cache.clear();
      cache.set(text, compiled);
    }
    return compiled;
  };
}

/** Compiles a condition of a programme that is to be put, or says why it is none. */
export const compileCondition: (text: string) => Compiled = remembering(false);

const compileStored = remembering(true);

/**
 * A condition of a programme in force, which was checked when it was put: with what was let through then.
 * @throws Error for what does not compile, which is a programme that was never checked
 */
export function storedCondition(text: string): Extract<Compiled, { readonly condition: Condition }> {
  const compiled = compileStored(text);
  if ('error' in compiled)
    throw new Error(`The condition ${text} does not compile: ${compiled.error.message}`);
  return compiled;
}
