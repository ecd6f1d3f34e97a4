/** The link behind "Add to Google Wallet". Source: Google Wallet, JSON Web Tokens for passes. */
import type { GoogleCredentials } from './credentials.ts';
import { signedJwt } from './jwt.ts';
import type { LoyaltyObject } from './loyalty.ts';

export interface SaveLinkInput {
  readonly credentials: Pick<GoogleCredentials, 'clientEmail' | 'privateKey'>;
  readonly object: LoyaltyObject;
  /** The sites that show the button, as `https://example.com`. */
  readonly origins: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface SaveLink {
  readonly url: string;
  /** Whether all of the card is in it, so that nothing has to be sent behind it as long as nothing changes. */
  readonly isWhole: boolean;
}

/** Browsers cut links beyond about so many characters. */
export const linkCharactersMax = 1800;

/**
 * `https://pay.google.com/gp/v/save/<JWT>` with the card itself in the token: Google makes the object when the link
 * is used, so giving it out costs Google no request. In it every text stands once, in the member's language; what
 * does not fit is left out, the details first. Once the object exists Google takes nothing but its id from the link,
 * so an old link stays good.
 */
export function saveLink(input: SaveLinkInput): SaveLink {
  const [whole, ...shorter] = forms(input.object);
  const url = signedLink(input, whole);
  if (url.length <= linkCharactersMax) return { url, isWhole: true };
  for (const form of shorter) {
    const shorterUrl = signedLink(input, form);
    if (shorterUrl.length <= linkCharactersMax) return { url: shorterUrl, isWhole: false };
  }
  throw new RangeError(
    `A link of ${linkCharactersMax} characters has no room for a card's number and points.`,
  );
}

function signedLink({ credentials, origins, now }: SaveLinkInput, object: object): string {
  const claims = {
    iss: credentials.clientEmail,
    aud: 'google',
    typ: 'savetowallet',
    iat: Math.floor(now / 1000),
    origins,
    payload: { loyaltyObjects: [object] },
  };
  return `https://pay.google.com/gp/v/save/${signedJwt(claims, credentials.privateKey)}`;
}

/** The card in ever fewer words: without translations, then without details from the last, link and name. */
function forms(object: LoyaltyObject): readonly [object, ...object[]] {
  const slim = withoutTranslations(object);
  const { textModulesData, linksModuleData, accountName: _, ...least } = slim;
  const fewer = textModulesData.map((_module, index) => ({
    ...slim,
    textModulesData: textModulesData.slice(0, textModulesData.length - 1 - index),
  }));
  const { accountName } = slim;
  return [slim, ...fewer, { ...least, accountName }, least];
}

type Slim = Pick<LoyaltyObject, 'id' | 'accountName' | 'textModulesData' | 'linksModuleData'>;

/** What the object says in its member's language, without what it clears. */
function withoutTranslations(object: LoyaltyObject): Slim {
  const text = JSON.stringify(object, (name, value: unknown) =>
    name.startsWith('localized') || value === null ? undefined : value,
  );
  return JSON.parse(text) as Slim;
}
