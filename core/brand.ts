/** What pages show of a programme before anybody has a card: its name, colours, bonuses and where its terms are. */
import type { BonusKind } from './account.ts';
import { contrast, plainColours, type Rgb, rgbOf } from './colours.ts';
import { giftOf, giftReward } from './gifts.ts';
import type { Language, Localized } from './localized.ts';
import type { CardColours } from './look.ts';
import type { Program } from './program.ts';
import { inAll, languagesOf, speak } from './program-texts.ts';

export interface Brand {
  readonly name: Localized;
  /** The programme's languages, the one for who speaks none of them first; empty where it names none. */
  readonly languages: readonly Language[];
  readonly colours: CardColours;
  /** What links and buttons are drawn in, to be read on light and on dark pages. */
  readonly accents: { readonly light: string; readonly dark: string };
  /** Points for joining, a complete profile and a birthday; null for none. */
  readonly welcome: number | null;
  readonly profile: number | null;
  readonly birthday: number | null;
  /** The rewards of which each gives a voucher, by their names. */
  readonly gifts: Readonly<Record<BonusKind, Localized | null>>;
  readonly termsUrl: Localized | null;
  readonly privacyUrl: Localized | null;
  readonly supportUrl: string | null;
}

export function brandOf(program: Program): Brand {
  const { card, pages = {}, bonuses } = program;
  const colours = card?.colours ?? plainColours;
  return {
    name: inAll(program, program.name),
    languages: languagesOf(program),
    colours,
    accents: accentsOf(colours),
    welcome: giftOf(bonuses.welcome).points || null,
    profile: giftOf(bonuses.profile).points || null,
    birthday: giftOf(bonuses.birthday).points || null,
    gifts: {
      welcome: rewardName(program, 'welcome'),
      profile: rewardName(program, 'profile'),
      birthday: rewardName(program, 'birthday'),
    },
    termsUrl: pages.terms ? inAll(program, pages.terms) : null,
    privacyUrl: pages.privacy ? inAll(program, pages.privacy) : null,
    supportUrl: card?.supportUrl ?? null,
  };
}

function rewardName(program: Program, bonus: BonusKind): Localized | null {
  const reward = giftReward(program, bonus);
  return reward ? inAll(program, reward.name) : null;
}

/** The grounds of the pages, in light and dark; web/shared/tokens.css has the same. */
const grounds = { light: rgbOf('#f4f3f0'), dark: rgbOf('#121315') };
/** WCAG 2.2, success criterion 1.4.3, with a little for what lies between the ground and its surfaces. */
const contrastMin = 5.2;

/** The programme's colour as near as it can be read: the background on light pages, the label's on dark ones. */
function accentsOf({ background, label }: CardColours): Brand['accents'] {
  return {
    light: readable(rgbOf(background), grounds.light, [0, 0, 0]),
    dark: readable(rgbOf(label), grounds.dark, [255, 255, 255]),
  };
}

function readable(colour: Rgb, ground: Rgb, toward: Rgb): string {
  for (let share = 0; share <= 20; share++) {
    const mixed = mix(colour, toward, share / 20);
    if (contrast(mixed, ground) >= contrastMin) return hexOf(mixed);
  }
  return hexOf(toward);
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2) => Math.round(one[index] + (other[index] - one[index]) * share);
  return [channel(0), channel(1), channel(2)];
}

function hexOf(rgb: Rgb): string {
  return `#${rgb.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** The first letter of a name, as it is written large. */
export function initialOf(name: string): string {
  const letter = name.match(/[\p{L}\p{N}]\p{M}*/u)?.[0] ?? '·';
  return letter.toLocaleUpperCase('en');
}

/** The programme's icon as SVG: its initial on its colour. */
export function iconSvg(program: Program): string {
  const { background, foreground } = program.card?.colours ?? plainColours;
  const letter = initialOf(speak(program)(program.name));
  const text = `<text x="50" y="53" fill="${foreground}" font-family="Georgia, 'Times New Roman', serif" font-size="62" text-anchor="middle" dominant-baseline="central">${letter}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" rx="22" fill="${background}"/>${text}</svg>\n`;
}
