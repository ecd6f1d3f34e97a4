/** Help that can be trusted: every command has an example, and every example is a command line that parses. */
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { Act } from '../../cli/commands/kit.ts';
import { commandTree } from '../../cli/tree.ts';
import { philia, serveContract } from './api.ts';

const api = serveContract();
const silent = { write: () => undefined };
const io = { env: {}, stdout: silent, stderr: silent } as unknown as Parameters<typeof commandTree>[0];

function tree(onAction: (name: string) => void = () => undefined): Command {
  const act: Act =
    () =>
    async (...given) =>
      onAction(nameOf(given.at(-1) as Command));
  return commandTree(io, act);
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}`.trim() : '';
}

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allOf)];
}

const names = allOf(tree()).map(nameOf);

/** As a shell reads it, for the quotes that the examples use. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

describe('the help', () => {
  test.each(names)('of "%s" says what it does and gives an example of it that parses', async (name) => {
    const { exit, stdout, stderr } = await philia(api, [...words(name), '--help']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const [usage = '', , description = ''] = stdout.split('\n');
    expect(usage).toMatch(new RegExp(`^Usage: philia ?${name}`));
    expect(description).toMatch(/\w{3}/);
    const example = /\nExample:\n {2}philia (.*)\n?$/.exec(stdout)?.[1] ?? '';
    expect(example.startsWith(name)).toBe(true);
    const ran: string[] = [];
    await tree((one) => ran.push(one)).parseAsync(words(example), { from: 'user' });
    expect(ran).toHaveLength(1);
    expect(ran[0]?.startsWith(name)).toBe(true);
  });

  test('is of every command that operators were promised', () => {
    expect(names.filter((name) => name !== '').sort()).toMatchInlineSnapshot(`
      [
        "adjustments",
        "adjustments approve",
        "adjustments list",
        "adjustments reject",
        "audit",
        "card",
        "card preview",
        "card show",
        "certificates",
        "certificates check",
        "channels",
        "channels add",
        "channels list",
        "channels pause",
        "channels reconcile",
        "channels remove",
        "channels resume",
        "channels show",
        "exceptions",
        "exceptions dismiss",
        "exceptions list",
        "exceptions redrive",
        "exceptions retry",
        "exceptions show",
        "explain",
        "keys",
        "keys create",
        "keys list",
        "keys revoke",
        "keys rotate",
        "members",
        "members adjust",
        "members enrol",
        "members entries",
        "members erase",
        "members export",
        "members find",
        "members merge",
        "members release",
        "members show",
        "members unmerge",
        "program",
        "program check",
        "program list",
        "program plan",
        "program push",
        "program rollback",
        "program show",
        "purchases",
        "purchases claim",
        "purchases import",
        "purchases show",
        "redemptions",
        "redemptions pause",
        "redemptions resume",
        "redemptions status",
        "refunds",
        "refunds show",
        "verify",
        "vouchers",
        "vouchers give",
        "vouchers revoke",
        "vouchers show",
      ]
    `);
  });
});
