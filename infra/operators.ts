/** Who may work at the operators' console: invited people with a second factor, in two groups. */
import { Duration } from 'aws-cdk-lib';
import { AccountRecovery, Mfa, UserPool } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { accept } from './nag.ts';
import { physicalName } from './names.ts';
import { removalOf, type Stage } from './stage.ts';

/** `approver` is the second pair of eyes. */
const groups = ['operator', 'approver'] as const;

export class Operators extends Construct {
  readonly pool: UserPool;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.pool = new UserPool(this, 'Pool', {
      userPoolName: physicalName(this, 'operators'),
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      mfa: Mfa.REQUIRED,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 14,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      deletionProtection: stage === 'prod',
      removalPolicy: removalOf(stage),
    });
    for (const group of groups) this.pool.addGroup(group, { groupName: group });
    accept(
      this.pool,
      'AwsSolutions-COG8',
      'A handful of invited people with an obligatory second factor; the plus plan would add cost and little else.',
    );
  }
}
