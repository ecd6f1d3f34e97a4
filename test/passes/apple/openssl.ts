/** The system's own tools, whose verdict on a pass counts more than ours. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function isInstalled(tool: string, flag: string): boolean {
  return spawnSync(tool, [flag], { stdio: 'ignore' }).status === 0;
}

/** Runs a tool in a new folder that holds the files; throws with the tool's words when it fails. */
export function runWith(files: Readonly<Record<string, string | Uint8Array>>, ...command: string[]): string {
  const [tool = '', ...parameters] = command;
  const folder = mkdtempSync(join(tmpdir(), 'philia-test-'));
  try {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    return execFileSync(tool, parameters, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
