/** CSV as RFC 4180 has it, safe to open in a spreadsheet. */

/** Excel reads UTF-8 only where the text begins with this. */
export const byteOrderMark = '\uFEFF';

export type Cell = string | number | null;

/**
 * Spreadsheets take a text that begins so for a formula, also behind blanks and in full width. Where the list separator
 * is a semicolon or a tab they cut a line there whatever the quotes say, unless the line itself begins with one, so what
 * stands behind those, or behind a line's end, may begin a cell as well.
 */
const formula = /(^|[;,\t\r\n])((?:[^\S\t\r\n]|["'\u200B-\u200F\u2060])*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

/** An apostrophe says of what follows that it is no formula. */
function cell(value: Cell): string {
  const text = value === null ? '' : String(value);
  if (typeof value !== 'string') return text;
  const marked = text.replace(formula, "$1'$2");
  // Where such a blank begins a cell it is dropped, and what follows is looked at.
  const safe = /^[\t\r\n]/.test(marked) ? `'${marked}` : marked;
  const isPlain = safe === text && !/[",;\t\r\n]|^\s|\s$/.test(text);
  return isPlain ? text : `"${safe.replaceAll('"', '""')}"`;
}

/** One line with its end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}
