/** The folder that holds everything a system on one machine remembers. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartFailure } from './failure.ts';
import { type Lock, tryLock } from './lock.ts';

export interface DataFolder {
  readonly path: string;
  /** A file or folder in it, by its name in {@link FILES}. */
  file(name: keyof typeof FILES): string;
  /** Deletes what the local run itself has written, and nothing else. */
  clear(): void;
  /** Lets another process use the folder. */
  release(): void;
}

/** What is ours in the folder, and whether `--fresh` deletes it. */
const FILES = {
  'apple.json': 'kept',
  'google.json': 'kept',
  'samsung.json': 'kept',
  'philia.lock': 'kept',
  'philia.lock.pid': 'kept',
  'cdk.out': 'deleted',
  certificates: 'deleted',
  'credentials.json': 'deleted',
  'dynamodb-local': 'deleted',
  'functions.log': 'deleted',
  'functions.log.1': 'deleted',
  'secrets.json': 'deleted',
  'standins.db': 'deleted',
  'system.db': 'deleted',
  'table.db': 'deleted',
  'worker.mjs': 'deleted',
} as const;

/** What a person puts there before the first start. */
const configured = ['apple.json', 'google.json', 'samsung.json'];

const LOCK = 'philia.lock';

/** Takes the folder for this process, making it if need be. */
export function openDataFolder(directory: string): DataFolder {
  const path = resolve(directory);
  mkdirSync(path, { recursive: true });
  if (!looksOurs(path)) {
    throw new StartFailure(`${path} holds other files and does not look like a data folder of Philia.`);
  }
  keepPrivate(path);
  const attempt = tryLock(join(path, LOCK));
  if ('holder' in attempt) {
    throw new StartFailure(
      `The data folder ${path} is in use by ${attempt.holder}: stop it first, or use --data.`,
    );
  }
  const { lock }: { lock: Lock } = attempt;
  return {
    path,
    file: (name) => join(path, name),
    clear() {
      for (const [name, fate] of Object.entries(FILES)) {
        if (fate !== 'deleted') continue;
        // SQLite keeps up to two files beside its own.
        for (const suffix of ['', '-wal', '-shm'])
          rmSync(join(path, name + suffix), { recursive: true, force: true });
      }
    },
    release: () => lock.release(),
  };
}

/** Members' names and secrets are in these files: they are their owner's alone, also those of before. */
function keepPrivate(path: string): void {
  chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (entry.isFile()) chmodSync(join(path, entry.name), 0o600);
}

/** A folder with our lock in it, an empty one, or one into which somebody has put the secrets to use. */
function looksOurs(path: string): boolean {
  if (existsSync(join(path, LOCK))) return true;
  return readdirSync(path).every((name) => configured.includes(name));
}
