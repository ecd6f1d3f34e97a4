/** CSV as RFC 4180 has it, safe to open in a spreadsheet. */

/** Excel reads UTF-8 only where the text begins with this. */
export const byteOrderMark = '\uFEFF';

export type Cell = string | number | null;

/** Spreadsheets take a text that begins so for a formula; an apostrophe before it says that it is none. */
const formula = /^[=+\-@\t\r]/;

function cell(value: Cell): string {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line with its end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}
