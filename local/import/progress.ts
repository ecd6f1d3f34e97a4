import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** `bytes` of the file are done, up to `line`. */
  update(bytes: number, line: number): void;
  stop(): void;
}

/** A bar where a person watches, a line every ten per cent where a file or another program does. */
export function createProgress(bytesTotal: number, stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? bar(bytesTotal, stream) : tenths(bytesTotal, stream);
}

function bar(bytesTotal: number, stream: NodeJS.WriteStream): Progress {
  const format = '{bar} {percentage} % | line {line} | {eta_formatted} left';
  const single = new SingleBar({ format, stream, hideCursor: true }, Presets.shades_classic);
  single.start(bytesTotal, 0, { line: 0 });
  return { update: (bytes, line) => single.update(bytes, { line }), stop: () => single.stop() };
}

function tenths(bytesTotal: number, stream: NodeJS.WritableStream): Progress {
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
