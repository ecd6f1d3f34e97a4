/** Which rewards a member could take. */
import { type Account, balanceOf } from './account.ts';
import { type Program, type ProgramDocument, tierOf } from './program.ts';

/** The rewards whose points the member has and whose tier the member holds. The account must be settled. */
export function affordableRewards(program: Program, account: Account): ProgramDocument['rewards'] {
  if (account.status !== 'active') return [];
  const { available } = balanceOf(account);
  const held = tierOf(program, account.tier.id).threshold;
  return program.rewards.filter(
    ({ points, tier }) =>
      points <= available && (tier === undefined || tierOf(program, tier).threshold <= held),
  );
}
