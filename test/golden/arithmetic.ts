/** Computes the sums of the worked examples again, in exact fractions, so that no sum on paper is wrong. */

interface Fraction {
  readonly top: bigint;
  readonly bottom: bigint;
}

function fraction(text: string): Fraction {
  const [whole = '', decimals = ''] = text.replaceAll(',', '').split('.');
  return { top: BigInt(whole + decimals), bottom: 10n ** BigInt(decimals.length) };
}

const less = (a: Fraction, b: Fraction) => a.top * b.bottom < b.top * a.bottom;
const same = (a: Fraction, b: Fraction) => a.top * b.bottom === b.top * a.bottom;

const operations: Readonly<Record<string, (a: Fraction, b: Fraction) => Fraction>> = {
  '+': (a, b) => ({ top: a.top * b.bottom + b.top * a.bottom, bottom: a.bottom * b.bottom }),
  '−': (a, b) => ({ top: a.top * b.bottom - b.top * a.bottom, bottom: a.bottom * b.bottom }),
  '×': (a, b) => ({ top: a.top * b.top, bottom: a.bottom * b.bottom }),
  '/': (a, b) => ({ top: a.top * b.bottom, bottom: a.bottom * b.top }),
};

const units = /[€£$¥]|\b(KWD|TND|kg|points?)\b/g;
const tokens = /\d[\d,]*(?:\.\d+)?(?![\d.])|[+−×/();]|min/g;

function tokensOf(text: string): string[] {
  const plain = text.replace(units, '').replaceAll(', ', '; ');
  const rest = plain.replace(tokens, '').trim();
  if (rest !== '') throw new Error(`"${text}" holds ${JSON.stringify(rest)}, which is not arithmetic.`);
  return plain.match(tokens) ?? [];
}

/** Evaluates `+ − × / ( ) min(a, b)` with the usual precedence. */
export function evaluate(text: string): Fraction {
  const left = tokensOf(text);
  const expect = (token: string) => {
    const found = left.shift();
    if (found !== token) throw new Error(`"${text}" has ${found ?? 'its end'} where ${token} was expected.`);
  };
  const value = (): Fraction => {
    const token = left.shift() ?? '';
    if (token === '(') {
      const inner = sum();
      expect(')');
      return inner;
    }
    if (token === 'min') {
      expect('(');
      const a = sum();
      expect(';');
      const b = sum();
      expect(')');
      return less(a, b) ? a : b;
    }
    return fraction(token);
  };
  const chain = (next: () => Fraction, signs: readonly string[]): Fraction => {
    let result = next();
    while (signs.includes(left[0] ?? '')) {
      const operation = operations[left.shift() ?? ''];
      if (operation) result = operation(result, next());
    }
    return result;
  };
  const product = () => chain(value, ['×', '/']);
  const sum = () => chain(product, ['+', '−']);
  const result = sum();
  if (left.length > 0) throw new Error(`"${text}" goes on with ${left.join(' ')}.`);
  return result;
}

/** Decimals of an exact fraction, cut off or rounded half up. */
function decimalsOf({ top, bottom }: Fraction, digits: number, halfUp: boolean): string {
  const scale = 10n ** BigInt(digits);
  const scaled = halfUp ? (2n * top * scale + bottom) / (2n * bottom) : (top * scale) / bottom;
  const text = scaled.toString().padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** What is wrong with `12.34 € × 1.25 = 15.425 → 15 points`, or undefined when it is right. */
export function mistakeIn(line: string): string | undefined {
  const { expression, stated, arrow } =
    /^(?:[^:=]*: )?(?<expression>[^=]+) = (?<stated>[^=→]+?)(?: → (?<arrow>[^=→]+))?$/.exec(line)?.groups ??
    {};
  if (expression === undefined || stated === undefined) return `"${line}" is not of the form "a = b → c".`;
  const exact = evaluate(expression);
  const number = stated.replace(units, '').trim();
  const shown = number.replace('…', '');
  const digits = shown.split('.')[1]?.length ?? 0;
  const right = number.endsWith('…')
    ? decimalsOf(exact, digits, false) === shown.replaceAll(',', '')
    : same(exact, fraction(shown));
  if (!right) return `"${line}": it is ${decimalsOf(exact, 6, false)}, not ${stated}.`;
  if (arrow === undefined) return undefined;
  // Points are floored; money is rounded half up to its own decimals.
  const wanted = arrow.replace(units, '').trim().replaceAll(',', '');
  const points = /points?$/.test(arrow);
  const result = decimalsOf(exact, points ? 0 : (wanted.split('.')[1]?.length ?? 0), !points);
  return result === wanted ? undefined : `"${line}": it comes to ${result}, not ${wanted}.`;
}
