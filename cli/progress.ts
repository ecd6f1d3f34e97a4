/** Progress on stderr: something that moves where a person watches, plain lines where nobody does. */
import { Presets, SingleBar } from 'cli-progress';
import type { Output } from './io.ts';

export interface Words {
  update(words: string): void;
  stop(): void;
}

/** For work whose size is not known before its end: what was done so far, and for how long. */
export function createWords(stream: Output, before: string): Words {
  if (!stream.isTTY) return { update: (words) => void stream.write(`${words}\n`), stop: () => undefined };
  const bar = barOn(stream, '{words} | {duration_formatted}');
  bar.start(0, 0, { words: before });
  return { update: (words) => bar.update({ words }), stop: () => bar.stop() };
}

/** A bar on a stream that is a terminal. */
export function barOn(stream: Output, format: string): SingleBar {
  const terminal = stream as NodeJS.WriteStream;
  return new SingleBar({ format, stream: terminal, hideCursor: true }, Presets.shades_classic);
}
