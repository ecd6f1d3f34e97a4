/** `philia card preview`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { OwnLogos, PreviewCard } from '../../passes/preview/files.ts';
import { exits, Failure, messageOf } from '../failure.ts';
import { memberOf } from '../member.ts';
import { readCandidate } from '../planning.ts';
import { count, shown } from '../text.ts';
import { type Act, type Cli, example, type Result } from './kit.ts';

interface PreviewFlags {
  readonly member?: string;
  readonly program?: string;
  readonly locale?: string;
  readonly out: string;
}

export function cardPreview(card: Command, act: Act): void {
  example(
    card
      .command('preview')
      .description("draw a card as Apple's and Google's wallets show it, as PNG and HTML")
      .option('--member <who>', "that member's card, by id, card number, e-mail or phone")
      .option('--program <file>', "a sample member's card under a programme file, without any system")
      .option('--locale <tag>', "in this language instead of the member's, as fr or en-GB", localeTag)
      .option('--out <folder>', 'where the pictures go', 'card-preview')
      .action(act<PreviewFlags>(preview)),
    'card preview --program program.json --locale fr',
  );
}

function localeTag(text: string): string {
  if (text.length > 35 || !/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(text))
    throw new InvalidArgumentError('It must be a language tag, as fr or en-GB.');
  return text;
}

async function preview(cli: Cli, { member, program, locale, out }: PreviewFlags): Promise<Result> {
  if ((member === undefined) === (program === undefined))
    throw new Failure(exits.usage, 'Give exactly one of --member and --program.');
  const card =
    member === undefined ? await sampleCard(program ?? '', locale) : await memberCard(cli, member, locale);
  // Nothing of it is loaded before there is something to draw.
  const { notesOf, previewFiles } = await import('../../passes/preview/files.ts');
  const files = await previewFiles(card, await ownLogos(program));
  const paths = files.map(({ name }) => join(out, name));
  try {
    await mkdir(out, { recursive: true });
    for (const [index, { bytes }] of files.entries()) await writeFile(paths[index] ?? '', bytes);
  } catch (error) {
    throw new Failure(exits.usage, `${out} cannot be written: ${messageOf(error)}.`, { cause: error });
  }
  const { view } = card;
  const notes = notesOf(card.view, locale);
  return {
    json: { member: member === undefined ? null : view.memberId, locale: view.locale, files: paths, notes },
    text: (style) =>
      [
        style.good(`${shown(view.name ?? view.cardNumber)}: ${count(files.length, 'file')} in ${shown(out)}`),
        ...paths.map((path) => `  ${shown(path)}`),
        ...notes.map((note) => style.warn(note)),
      ].join('\n'),
  };
}

/** The programme's own images lie beside its file; those of a member's are this project's. */
async function ownLogos(program: string | undefined): Promise<OwnLogos> {
  const { BrandFailure, readBrand } = await import('../../tools/brand.ts');
  try {
    const brand = readBrand(program === undefined ? undefined : join(dirname(program), 'brand'));
    return { apple: brand.apple.get('logo@3x.png'), google: brand.programLogo };
  } catch (error) {
    if (!(error instanceof BrandFailure)) throw error;
    throw new Failure(exits.notRight, error.message.replaceAll('\n', ' '), { cause: error });
  }
}

async function sampleCard(file: string, locale = 'en'): Promise<PreviewCard> {
  const document = await readCandidate(file);
  const { cardOfProgram } = await import('../../passes/preview/files.ts');
  const outcome = cardOfProgram(document, { name: 'Camille Durand', locale }, Date.now());
  if (outcome.type === 'card') return outcome.card;
  const [first] = outcome.errors;
  const what = first ? `${first.path || 'it'} ${first.message}` : 'it breaks the schema';
  throw new Failure(exits.notRight, `The programme is not valid: ${what}.`);
}

async function memberCard(cli: Cli, who: string, locale: string | undefined): Promise<PreviewCard> {
  const api = await cli.api();
  const { cardUrl } = await memberOf(api, who);
  // The member's answer names the card, the card's answer holds all that wallets show.
  const cardToken = new URL(cardUrl).pathname.split('/').at(-1) ?? '';
  const { body } = await api.call('GET /v1/cards/{cardToken}', { params: { cardToken }, query: {} });
  if (body === null) throw new Failure(exits.unknown, `${api.baseUrl} answered without a card.`);
  const { cardOfAnswer } = await import('../../passes/preview/files.ts');
  return cardOfAnswer(locale === undefined ? body : { ...body, locale });
}
