/**
 * What pricing needs of a programme again and again, made once of each: instants read, conditions compiled, excluded
 * categories as a set. Days are apart (days.ts), since who prices nothing needs no conditions.
 */
import type { EarningBasis } from './account.ts';
import type { AppliedCampaign } from './campaigns.ts';
import { ofSeller, type Seller } from './channels.ts';
import type { ChannelId, ChannelKind } from './contract/ids.ts';
import { type Exclusions, exclusionsOf } from './exclusions.ts';
import { type Condition, type Fact, type Reads, storedCondition } from './expressions.ts';
import { byCurrency } from './minimums.ts';
import type { ProgramDocument } from './program.ts';
import { baseTier } from './tiers.ts';

export interface CompiledCampaign {
  readonly document: ProgramDocument['campaigns'][number];
  readonly from: number;
  readonly to: number;
  /** As a purchase in a currency keeps it of which it matched every line. */
  readonly appliedIn: (currency: string) => AppliedCampaign;
  readonly condition: Condition | undefined;
  /** Whom it is for; undefined for everybody. */
  readonly members: ReadonlySet<string> | undefined;
  readonly reads: Reads;
  /** What the condition said of a value of the one field that it reads, where it reads nothing else. */
  readonly known: Map<unknown, boolean>;
}

/** What a tier or a channel multiplies by, as a basis names it. */
type Terms<Id> = { readonly id: Id; readonly multiplier: string };

/** The same of a channel; its kind is named where it is not named like that. */
type ChannelTerms = Terms<ChannelId> & { readonly kind?: ChannelKind };

interface Compiled {
  readonly exclusions: Exclusions;
  readonly tiers: ReadonlyMap<string, Terms<string>>;
  readonly baseTier: Terms<string>;
  readonly channelOf: (seller: Seller) => ChannelTerms;
  readonly campaigns: readonly CompiledCampaign[];
  /** The facts of members that campaigns or stamp cards ask for. */
  readonly facts: ReadonlySet<Fact>;
  /** What a visit gives, as the basis of a purchase in a currency says it. */
  readonly visitIn: (currency: string) => EarningBasis['visit'];
}

const made = new WeakMap<ProgramDocument, Compiled>();
/** The newest, since hardly anybody works with two programmes in turn. */
let last: { readonly program: ProgramDocument; readonly compiled: Compiled } | undefined;

/** Programmes are never changed in place, so what was made of one stays true. */
export function compiled(program: ProgramDocument): Compiled {
  if (last?.program === program) return last.compiled;
  let known = made.get(program);
  if (!known) {
    known = compile(program);
    made.set(program, known);
  }
  last = { program, compiled: known };
  return known;
}

function compile(program: ProgramDocument): Compiled {
  const tiers = program.tiers.map(({ id, multiplier }) => ({ id, multiplier }));
  const campaigns = program.campaigns.map((campaign) => compileCampaign(program, campaign));
  const cards = program.stamps.map(({ when }) => storedCondition(when).reads);
  return {
    exclusions: exclusionsOf(program),
    tiers: new Map(tiers.map((tier) => [tier.id, tier])),
    baseTier: tiers.find(({ id }) => id === baseTier(program).id) ?? baseTier(program),
    channelOf: (seller) => channelTerms(program, seller),
    campaigns,
    facts: new Set([...campaigns.map(({ reads }) => reads), ...cards].flatMap((reads) => reads.facts)),
    visitIn: compileVisit(program),
  };
}

function channelTerms({ channels }: ProgramDocument, seller: Seller): ChannelTerms {
  const { channel: id, channelKind: kind } = seller;
  return { id, multiplier: ofSeller(channels, seller).multiplier, ...(kind === undefined ? {} : { kind }) };
}

function compileVisit(program: ProgramDocument): (currency: string) => EarningBasis['visit'] {
  const { visits } = program;
  if (!visits) return () => undefined;
  const { points, minimumMinor, free } = visits;
  return byCurrency(program, minimumMinor, (minimum = 0) => ({
    points,
    minimumMinor: minimum,
    ...(free ? { free: true as const } : {}),
  }));
}

function compileCampaign(
  program: ProgramDocument,
  document: ProgramDocument['campaigns'][number],
): CompiledCampaign {
  const { id, when, multiplier, stacks, bonusPoints, minimumMinor } = document;
  const condition = when === undefined ? undefined : storedCondition(when);
  return {
    document,
    from: Date.parse(document.from),
    to: Date.parse(document.to),
    appliedIn: byCurrency(program, minimumMinor, (minimum) => ({
      id,
      ...(multiplier === undefined ? {} : { multiplier }),
      ...(stacks ? { stacks: true as const } : {}),
      ...(bonusPoints === undefined ? {} : { bonusPoints }),
      ...(minimum === undefined ? {} : { minimumMinor: minimum }),
    })),
    condition: condition?.condition,
    members: document.members && new Set(document.members),
    reads: condition?.reads ?? { line: 'none', onlyLines: true, facts: [], channels: [] },
    known: new Map(),
  };
}
