/**
 * Each campaign of the programme, held against a purchase: what the purchase earned more by it, or why it gave nothing.
 * It follows from the version of the programme, the purchase, and what its entry keeps of member and budgets.
 */
import type { EarningBasis } from './account.ts';
import { type AppliedCampaign, type CampaignMember, isFor, scopesOf } from './campaigns.ts';
import { type CompiledCampaign, compiled } from './compiled.ts';
import type { ConsideredCampaign } from './contract/shapes/entry.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import { money } from './difference-words.ts';
import { priced } from './earning.ts';
import { lineScope } from './expressions.ts';
import { campaignName, campaignsOn } from './pricing-steps.ts';
import type { Program } from './program.ts';

type Verdict = Pick<ConsideredCampaign, 'outcome' | 'reason'>;

export interface Posted {
  readonly program: Program;
  readonly purchase: RecordedPurchase;
  /** What the purchase was priced under when it was posted. */
  readonly basis: EarningBasis;
  readonly member: CampaignMember;
}

export function considered(posted: Posted): ConsideredCampaign[] {
  const { program, basis } = posted;
  const eligible = eligibleOf(posted);
  return compiled(program).campaigns.map((campaign) => {
    const { id } = campaign.document;
    const met = basis.campaigns?.find((one) => one.id === id);
    const points = met ? addedBy(basis, met) : 0;
    const verdict: Verdict =
      points > 0
        ? { outcome: 'gave', reason: null }
        : met
          ? nothingOf(program, basis, met)
          : (notMet(campaign, posted, eligible) ?? {
              outcome: 'budget',
              reason: 'Its budget was used up, or had less left than the others give without it.',
            });
    return { id, name: campaignName(id, program), points, ...verdict };
  });
}

function eligibleOf({ purchase, basis }: Posted): RecordedPurchase['lines'] {
  const earning = new Set(basis.lines.map(({ id }) => id));
  return purchase.lines.filter(({ id }) => earning.has(id));
}

/** What a purchase is worth more with a campaign than without; of one with a budget what that gave. */
function addedBy(basis: EarningBasis, met: AppliedCampaign): number {
  if (met.budgetPoints !== undefined) return met.budgetPoints;
  const campaigns = (basis.campaigns ?? []).filter(({ id }) => id !== met.id);
  return basis.points - priced({ ...basis, campaigns }).points;
}

/** Why the purchase did not meet a campaign; undefined where it did, and only the budget can have been in the way. */
function notMet(
  campaign: CompiledCampaign,
  { program, purchase, member }: Posted,
  eligible: RecordedPurchase['lines'],
): Verdict | undefined {
  const { from, to, channels, tiers, when } = campaign.document;
  const at = Date.parse(purchase.occurredAt);
  if (at < campaign.from)
    return { outcome: 'not_begun', reason: `It begins at ${from}, after the purchase.` };
  if (at >= campaign.to) return { outcome: 'over', reason: `It ended at ${to}, before the purchase.` };
  if (channels && !channels.includes(purchase.channel))
    return { outcome: 'channel', reason: `It is for ${channels.join(', ')}, not for ${purchase.channel}.` };
  if (!isFor(campaign, member))
    return { outcome: 'members', reason: 'The member is not among those that it lists.' };
  if (tiers && !tiers.includes(member.tier))
    return { outcome: 'tier', reason: `It is for ${tiers.join(', ')}; the member was ${member.tier}.` };
  if (eligible.length === 0)
    return { outcome: 'nothing_earns', reason: 'No line of the purchase earns points.' };
  const { condition } = campaign;
  const scopes = scopesOf(purchase, member, program.timeZone);
  if (condition && !eligible.some((line) => condition({ ...scopes, line: lineScope(line) })))
    return { outcome: 'condition', reason: `Its condition holds for no line that earns: ${when}` };
  return undefined;
}

/** Why a campaign that the purchase met gave nothing. */
function nothingOf(program: Program, basis: EarningBasis, met: AppliedCampaign): Verdict {
  const { minimumMinor = 0, multiplier, lines: named } = met;
  const { totalMinor, currency, maxPoints } = basis;
  if (totalMinor < minimumMinor)
    return {
      outcome: 'minimum',
      reason: `It is for purchases from ${money(minimumMinor, currency)} on; this one came to ${money(totalMinor, currency)}.`,
    };
  const own = basis.lines.filter(({ id }) => named?.includes(id) ?? true);
  if (own.every(({ amountMinor }) => amountMinor <= 0))
    return { outcome: 'nothing_paid', reason: 'Nothing was paid for the lines that it is for.' };
  const counted = new Set(own.flatMap(({ id }) => campaignsOn(basis, id)));
  if (multiplier !== undefined && !counted.has(met.id)) {
    const better = [...counted].map((id) => campaignName(id, program)).join(', ');
    return { outcome: 'better_one', reason: `On its lines a better one counted: ${better}.` };
  }
  if (basis.points >= maxPoints)
    return { outcome: 'most', reason: `One purchase earns ${maxPoints} points at most.` };
  return { outcome: 'less_than_a_point', reason: 'What it adds comes to less than one more point.' };
}
