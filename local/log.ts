/**
 * What functions write goes to a file of bounded size; warnings and errors also to the console, a line each,
 * because nobody watches the file until something is wrong.
 */
import { appendFileSync, renameSync, statSync } from 'node:fs';

import { messageOf } from './failure.ts';
import type { FunctionError } from './functions/protocol.ts';

export interface FunctionLog {
  /** Takes one line of a function's output. */
  write(functionName: string, line: string): void;
  /** Takes a failure that the function did not report itself. */
  fail(functionName: string, error: FunctionError): void;
}

/** The file is renamed to `<path>.1` at this size; the one before it is dropped. */
const BYTES_MAX = 10 * 1024 * 1024;
const SUMMARY_MAX = 300;

export function openLog(path: string, now: () => number, print: (line: string) => void): FunctionLog {
  let bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;

  function append(functionName: string, line: string): void {
    const text = `${new Date(now()).toISOString()} ${functionName} ${line}\n`;
    if (bytes + text.length > BYTES_MAX && bytes > 0) {
      renameSync(path, `${path}.1`);
      bytes = 0;
    }
    appendFileSync(path, text);
    bytes += Buffer.byteLength(text);
  }

  let isDropping = false;

  /** A log that cannot be written is said once, and stops nothing. */
  function keep(functionName: string, line: string): void {
    try {
      append(functionName, line);
      isDropping = false;
    } catch (error) {
      if (!isDropping)
        print(`${path} cannot be written, so what functions write is lost: ${messageOf(error)}`);
      isDropping = true;
    }
  }

  function summarize(functionName: string, text: string): void {
    // Control characters could forge lines or colour the terminal.
    const line = text.replaceAll(/\p{Cc}+/gu, ' ');
    print(`[${functionName}] ${line.length > SUMMARY_MAX ? `${line.slice(0, SUMMARY_MAX)}…` : line}`);
  }

  return {
    write(functionName, line) {
      keep(functionName, line);
      const summary = summaryOf(line);
      if (summary !== undefined) summarize(functionName, summary);
    },
    fail(functionName, { errorType, errorMessage, trace = [] }) {
      const message = `ERROR ${errorType}: ${errorMessage}`;
      keep(functionName, [message, ...trace.slice(1)].join('\n'));
      summarize(functionName, message);
    },
  };
}

/** The one line worth showing of a structured record at level WARN or above; undefined for all else. */
function summaryOf(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  let record: { level?: unknown; message?: unknown; error?: { message?: unknown } };
  try {
    record = JSON.parse(line);
  } catch {
    return undefined; // Not a record, only text that begins like one; it is in the file.
  }
  const level = String(record.level).toUpperCase();
  if (!['WARN', 'ERROR', 'CRITICAL', 'FATAL'].includes(level)) return undefined;
  const cause = record.error?.message === undefined ? '' : `: ${String(record.error.message)}`;
  return `${level} ${String(record.message)}${cause}`;
}
