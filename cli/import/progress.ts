import type { Output } from '../io.ts';
import { barOn } from '../progress.ts';

export interface Progress {
  /** `bytes` of the file are done, up to `line`. */
  update(bytes: number, line: number): void;
  stop(): void;
}

/** A bar where a person watches, a line every ten per cent where a file or another program does. */
export function createProgress(bytesTotal: number, stream: Output): Progress {
  return stream.isTTY ? bar(bytesTotal, stream) : tenths(bytesTotal, stream);
}

function bar(bytesTotal: number, stream: Output): Progress {
  const single = barOn(stream, '{bar} {percentage} % | line {line} | {eta_formatted} left');
  single.start(bytesTotal, 0, { line: 0 });
  return { update: (bytes, line) => single.update(bytes, { line }), stop: () => single.stop() };
}

function tenths(bytesTotal: number, stream: Output): Progress {
  let shown = 0;
  return {
    update(bytes, line) {
      const tenth = Math.floor((bytes / bytesTotal) * 10);
      if (tenth > shown) stream.write(`${tenth * 10} % (line ${line})\n`);
      shown = Math.max(shown, tenth);
    },
    stop: () => {},
  };
}
