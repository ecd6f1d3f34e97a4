/** `philia vouchers`. */
import type { Command } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { memberReference, withMember } from '../member.ts';
import { facts, money, type Style, shown } from '../text.ts';
import { type Act, example, group, type Once, onceKey, withOnce, withReason, withYes } from './kit.ts';

type Voucher = BodyFrom<'GET /v1/vouchers/{code}'>;

interface Reasoned extends Once {
  readonly reason: string;
  readonly yes?: boolean;
}

export function vouchersCommands(program: Command, act: Act): void {
  const vouchers = group(
    program,
    'vouchers',
    'show, give and revoke vouchers',
    'vouchers show 8QK2-M7TX-04PC-R',
  );
  example(
    vouchers
      .command('show')
      .description('show a voucher')
      .argument('<code>', 'as it is printed; case and dashes do not matter')
      .action(
        act(async (cli, _options, code = '') => {
          const { body } = await (await cli.api()).call('GET /v1/vouchers/{code}', { params: { code } });
          return { json: body, text: (style) => describe(style, body) };
        }),
      ),
    'vouchers show 8QK2-M7TX-04PC-R',
  );
  example(
    withOnce(
      withReason(
        withMember(
          vouchers.command('give').description('give a member a voucher for a reward without taking points'),
        ).argument('<reward>', "the reward's id in the programme"),
      ),
    ).action(
      act<Reasoned>(async (cli, options, member = '', rewardId = '') => {
        const { body } = await (await cli.api()).call('POST /v1/vouchers', {
          body: { member: memberReference(member), rewardId, reason: options.reason },
          idempotencyKey: onceKey(cli, options),
        });
        return { json: body, text: (style) => describe(style, body) };
      }),
    ),
    'vouchers give ada@example.com free-coffee --reason "The machine was broken"',
  );
  example(
    withYes(
      withOnce(
        withReason(
          vouchers.command('revoke').description('take a voucher back').argument('<code>', 'the code'),
        ),
      ),
    ).action(
      act<Reasoned>(async (cli, options, code = '') => {
        await cli.confirm(`Revoke the voucher ${shown(code)}?`, options.yes);
        const { body } = await (await cli.api()).call('POST /v1/vouchers/{code}/revoke', {
          params: { code },
          body: { reason: options.reason },
          idempotencyKey: onceKey(cli, options),
        });
        return { json: body, text: (style) => describe(style, body) };
      }),
    ),
    'vouchers revoke 8QK2-M7TX-04PC-R --reason "Given twice" --yes',
  );
}

/** A minimum without a currency of its own is in the first that the programme lists. */
function minimumText(minimum: NonNullable<Voucher['minimumMinor']>, currency: string | undefined): string {
  if (typeof minimum === 'object')
    return Object.entries(minimum)
      .map(([code, minor]) => money(minor, code))
      .join(', ');
  return currency === undefined ? `${minimum} minor units` : money(minimum, currency);
}

function describe(style: Style, voucher: Voucher): string {
  const { status, valueMinor, currency, percent, sku, uses, usesMax, channels, minimumMinor } = voucher;
  const amount = valueMinor !== undefined && currency !== undefined ? money(valueMinor, currency) : undefined;
  const worth = amount ?? (percent === undefined ? sku : `${percent} %`);
  const colour = status === 'issued' ? style.good : style.warn;
  return facts(style, [
    ['voucher', voucher.voucherId],
    ['code', style.bold(shown(voucher.code))],
    ['status', colour(status)],
    ['reward', `${shown(voucher.name)} (${shown(voucher.rewardId)})`],
    ...(worth === undefined ? [] : [['worth', shown(worth)] as const]),
    ...(minimumMinor === undefined ? [] : [['from', minimumText(minimumMinor, currency)] as const]),
    ...(channels === undefined ? [] : [['channels', channels.join(', ')] as const]),
    ['member', voucher.memberId],
    ['used', `${uses} of ${usesMax === null ? 'any number' : usesMax}`],
    ['issued', voucher.issuedAt],
    ['expires', shown(voucher.expiresAt)],
  ]);
}
