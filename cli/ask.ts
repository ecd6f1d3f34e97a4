/** Asks a person a question that is answered by yes or no. */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

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
