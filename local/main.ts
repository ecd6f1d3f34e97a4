/** `npm start`: the whole system on this machine. */
import { join } from 'node:path';
import { main } from './cli.ts';

// What is written here is for its owner's eyes.
process.umask(0o077);
// Whatever a failed start left open must not keep the process alive, and nothing accepted is only in memory.
process.exit(await main(process.argv.slice(2), join(import.meta.dirname, '..')));
