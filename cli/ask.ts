/** Asks a person questions: one that is answered by yes or no, and one that is answered by a text. */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export interface Dialogue {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Whether both are a terminal; found out from `output` when absent. */
  readonly terminal?: boolean;
}

/** Whoever ends the input or interrupts instead of answering has not said yes. */
export async function ask(question: string, dialogue: Dialogue): Promise<boolean> {
  const lines = createInterface(dialogue);
  try {
    const left = once(lines, 'close').then(() => '');
    const answer = await Promise.race([lines.question(`${question} [y/N] `), left]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return false;
    throw error;
  } finally {
    lines.close();
  }
}

/**
 * Asks for a text, which is not shown where it is a secret.
 * @returns the text without blanks around it; empty where whoever was asked ended the input
 */
export async function askText(question: string, isSecret: boolean, dialogue: Dialogue): Promise<string> {
  const { input, output, ...rest } = dialogue;
  let isMuted = false;
  const shown = new Writable({
    write(chunk, encoding, done) {
      if (!isMuted) output.write(chunk, encoding);
      done();
    },
  });
  const lines = createInterface({ input, output: isSecret ? shown : output, ...rest });
  try {
    const left = once(lines, 'close').then(() => '');
    const answered = lines.question(`${question}: `);
    isMuted = true;
    return (await Promise.race([answered, left])).trim();
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return '';
    throw error;
  } finally {
    lines.close();
    if (isSecret) output.write('\n');
  }
}
