/** Where cards live: what operators see of the wallets, and what a wallet's maker sends. */
import * as z from 'zod';
import { instant } from './basics.ts';

const behind = z
  .strictObject({
    versions: z.int().min(1).describe('How many versions of the card were not shown yet.'),
    since: instant.describe('When the ledger wrote the first of them.'),
    seconds: z.number().min(0).describe('How long ago that was.'),
  })
  .nullable()
  .describe('What the wallet does not show yet, as far as is known; null where that is nothing.');

/** A card in a wallet whose maker tells us what became of it. */
const keptCard = z.strictObject({
  state: z
    .enum(['offered', 'saved', 'deleted'])
    .describe('`offered` until the wallet says that the card was saved.'),
  at: instant.describe('Since when it is so.'),
  version: z.int().describe('The newest version of the card that the wallet was told of.'),
  behind,
});

const notedVersion = z.strictObject({ version: z.int(), at: instant }).nullable();

/** Where a member's card lives, for operators. */
export const memberWallets = z
  .strictObject({
    version: z.int().describe("The newest version of the card: the member's ledger sequence."),
    apple: z.strictObject({
      devices: z.int().describe('Phones that registered the pass.'),
      told: notedVersion.describe(
        'The newest version that every one of them was told of; null where none was, or a new one may have missed some.',
      ),
      fetched: notedVersion.describe(
        "The newest version that was fetched, by the card's link or by a phone: a fetch does not say which.",
      ),
      behind,
    }),
    google: keptCard
      .extend({
        doubted: z.boolean().describe('Whether a write ended so that Google may show an older one.'),
      })
      .nullable(),
    samsung: keptCard
      .extend({ fetched: z.int().nullable().describe('The newest version that Samsung has.') })
      .nullable(),
  })
  .meta({ id: 'MemberWallets' });
export type MemberWallets = z.infer<typeof memberWallets>;

/** What Google signs and sends when a card is saved or deleted; its checks are in passes/google/callback.ts. */
export const googleCallback = z
  .looseObject({
    protocolVersion: z.string().max(64),
    signature: z.string().max(1024),
    intermediateSigningKey: z.looseObject({
      signedKey: z.string().max(4096),
      signatures: z.array(z.string().max(1024)).max(10),
    }),
    signedMessage: z.string().max(8192),
  })
  .meta({ id: 'GoogleCallback' });

/** The fields of it that count; Google may add others. */
export type GoogleCallback = Pick<
  z.infer<typeof googleCallback>,
  'protocolVersion' | 'signature' | 'signedMessage'
> & {
  readonly intermediateSigningKey: { readonly signedKey: string; readonly signatures: readonly string[] };
};

/** How a wallet's credentials stand; `problem` says in sentences what has to be put right. */
const walletState = {
  configured: z.boolean().describe('Whether its secret holds anything at all.'),
  problem: z.string().optional().describe('Why what is configured cannot be used.'),
};

export const walletCertificates = z
  .strictObject({
    apple: z.strictObject({
      ...walletState,
      passTypeIdentifier: z.string().optional(),
      teamIdentifier: z.string().optional(),
      notAfter: instant.optional().describe('When the first of its certificates expires.'),
      daysLeft: z.int().optional().describe('Whole days until then.'),
    }),
    google: z.strictObject(walletState),
    samsung: z.strictObject(walletState),
  })
  .meta({ id: 'WalletCertificates' });
