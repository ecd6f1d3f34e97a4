/**
 * Code 128 of digits (ISO/IEC 15417): pairs of digits in code set C, and a digit that is left over in code set B.
 * Each symbol is eleven modules of three bars and three spaces, told by their widths.
 */
const widths =
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 ' +
  '113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 ' +
  '212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 ' +
  '113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 ' +
  '314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 ' +
  '241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 ' +
  '214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 ' +
  '211232';
const symbols = widths.split(' ');
const stop = '2331112';
const startC = 105;
const codeB = 100;
/** `0` in code set B. */
const zeroInB = 16;

/** Light modules that a scanner needs on either side. */
export const quiet128 = 10;

/** The modules from left to right, `1` for a bar; null for what is not two digits at least. */
export function code128(digits: string): string | null {
  if (!/^\d{2,}$/.test(digits)) return null;
  const pairs = digits.match(/\d\d/g) ?? [];
  const values = [startC, ...pairs.map(Number)];
  if (digits.length % 2 === 1) values.push(codeB, zeroInB + Number(digits.at(-1)));
  const sum = values.reduce((total, value, at) => total + value * Math.max(1, at), 0);
  return (
    [...values, sum % 103]
      .map((value) => symbols[value] ?? '')
      .map(modulesOf)
      .join('') + modulesOf(stop)
  );
}

/** Widths as modules: a bar first, then a space, in turn. */
function modulesOf(symbol: string): string {
  return [...symbol].map((width, at) => (at % 2 ? '0' : '1').repeat(Number(width))).join('');
}
