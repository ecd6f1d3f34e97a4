/**
 * The signed pass of a card as it stands. The newest passes are kept for the life of an instance, for several
 * phones ask for the same version within seconds: none is signed twice.
 */
import type { Account } from '../../core/account.ts';
import { nobody, viewCard } from '../../core/card.ts';
import type { Program } from '../../core/program.ts';
import { newestChange, type Profile, passToken } from '../../ledger/ledger.ts';
import type { AppleCredentials } from '../../passes/apple/credentials.ts';
import { createPassBuilder, type PassBuilder } from '../../passes/apple/pass.ts';
import { loadRasterizer } from '../../passes/strip/raster.ts';
import type { Deps } from '../deps.ts';
import { cardView, linksOfCard } from '../members/present.ts';

/** About 4 MB: a pass weighs some 55 KB. */
const keptMax = 64;

/** Whose card it is; the person is not there any more once the member has left. */
export interface CardHolder {
  readonly account: Account;
  readonly profile: Profile | undefined;
}

interface Signing {
  readonly builder: Promise<PassBuilder>;
  /** By all that a pass follows from, the most recently asked for last. */
  readonly kept: Map<string, Promise<Buffer>>;
}

/** New credentials begin anew: nothing that the old ones signed is given out. */
const signings = new WeakMap<AppleCredentials, Signing>();

function signingOf(credentials: AppleCredentials): Signing {
  const known = signings.get(credentials);
  if (known) return known;
  const builder = loadRasterizer().then((draw) => createPassBuilder(credentials, draw));
  const made = { builder, kept: new Map() };
  signings.set(credentials, made);
  builder.catch(() => signings.delete(credentials));
  return made;
}

/**
 * All that a pass of these credentials follows from. The version stands for the account and its entries, which
 * it never changes; name and language are not part of the account, and a reader may meet newer ones.
 */
function keyOf(program: Program, { account, profile }: CardHolder): string {
  const { locale, name } = profile ?? nobody;
  return JSON.stringify([account.memberId, account.version, program.version, locale, name]);
}

/** The pass of a member's card, built only where it is not at hand. */
export async function signPass(
  deps: Deps,
  credentials: AppleCredentials,
  program: Program,
  holder: CardHolder,
): Promise<Buffer> {
  const { builder, kept } = signingOf(credentials);
  const key = keyOf(program, holder);
  const pass = kept.get(key) ?? build(deps, builder, program, holder);
  kept.delete(key);
  const [oldest] = kept.size < keptMax ? [] : kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(key, pass);
  // A failure is whoever's waits for it, and the next one tries again.
  pass.catch(() => {
    if (kept.get(key) === pass) kept.delete(key);
  });
  return pass;
}

async function build(
  deps: Deps,
  builder: Promise<PassBuilder>,
  program: Program,
  { account, profile }: CardHolder,
): Promise<Buffer> {
  const { memberId } = account;
  const change = await newestChange(deps.ledger, program, account, (profile ?? nobody).locale);
  const view = profile
    ? await cardView(deps, program, { account, profile }, change)
    : viewCard(program, account, nobody, [], change);
  const content = {
    view,
    links: await linksOfCard(deps, view),
    webServiceUrl: `${deps.publicUrl}/apple`,
    authenticationToken: passToken(deps.ledger, memberId),
  };
  return (await builder).build(content, deps.now());
}
