/** What a designer has to know of the pictures of a card, where they cannot show all. */
import type { CardView } from '../../core/card.ts';
import { languages } from '../labels.ts';

/** What Inter has no letters for: other scripts than these, and emoji. */
const unlettered =
  /[^\p{scx=Latin}\p{scx=Greek}\p{scx=Cyrillic}\p{scx=Common}\p{scx=Inherited}]|\p{Emoji_Presentation}/u;

/** One sentence each; `locale` is the language that was asked for, if one was. */
export function notesOf(view: CardView, locale: string | undefined): string[] {
  const names = [
    view.name,
    view.programName,
    view.tier.name,
    ...[...view.vouchers, ...view.stamps].map(({ name }) => name),
  ].join(' ');
  const [language = ''] = (locale ?? 'en').toLowerCase().split('-');
  return [
    ...(languages.some((one) => one === language)
      ? []
      : [`There are no words for ${locale}: the wallets show such a card in English.`]),
    ...(unlettered.test(names)
      ? ['The PNG files lack letters of some names, which phones and card.html have.']
      : []),
  ];
}
