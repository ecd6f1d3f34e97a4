/** Who may sign in: invited people with a second factor, in two groups; and where they do. */
import { Aws, Duration } from 'aws-cdk-lib';
import {
  AccountRecovery,
  Mfa,
  OAuthScope,
  UserPool,
  UserPoolClient,
  UserPoolClientIdentityProvider,
  UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { groups } from '../core/contract/functions.ts';
import { accept } from './nag.ts';
import { physicalName, systemName } from './names.ts';
import { removalOf, type Stage } from './stage.ts';

export class Operators extends Construct {
  readonly pool: UserPool;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.pool = new UserPool(this, 'People', {
      userPoolName: physicalName(this, 'operators'),
      selfSignUpEnabled: false,
      // Tokens name people by their user name, which nobody can change: an e-mail address anybody could, their own.
      signInAliases: { username: true, email: true },
      signInCaseSensitive: false,
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
    for (const group of Object.keys(groups)) this.pool.addGroup(group, { groupName: group });
    accept(
      this.pool,
      'AwsSolutions-COG8',
      'A handful of invited people with an obligatory second factor; the plus plan would add cost and little else.',
    );
  }
}

/** A working day; then everybody signs in again. */
const signedIn = Duration.hours(12);
/** Who was put out of a group, or out altogether, may go on for as long. */
const tokenLasts = Duration.minutes(15);
/** Nobody has to listen there: whoever signs in by hand reads the code in the browser's address. */
const callback = 'http://localhost:8400/';

/**
 * The page where people sign in, and the one client whose tokens the API takes. It is public, so that it has no secret:
 * the code that the page gives is good only with the verifier of whoever asked for it (PKCE, RFC 7636).
 */
export class SignIn extends Construct {
  /** As tokens name the pool. */
  readonly issuer: string;
  readonly clientId: string;
  /** The page, without a trailing slash. */
  readonly page: string;

  constructor(scope: Construct, id: string, pool: UserPool, stage: Stage) {
    super(scope, id);
    const client = new UserPoolClient(this, 'Client', {
      userPool: pool,
      generateSecret: false,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID],
        callbackUrls: [callback],
      },
      // For the AWS CLI: whoever uses it so has rights to the pool anyway.
      authFlows: { adminUserPassword: true },
      supportedIdentityProviders: [UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
      accessTokenValidity: tokenLasts,
      idTokenValidity: tokenLasts,
      refreshTokenValidity: signedIn,
    });
    // Nobody else in the region may have the name.
    const domain = new UserPoolDomain(this, 'Domain', {
      userPool: pool,
      cognitoDomain: { domainPrefix: `${systemName(stage)}-${Aws.ACCOUNT_ID}` },
    });
    // As the pool's own ProviderURL, which not every emulator knows.
    this.issuer = `https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}/${pool.userPoolId}`;
    this.clientId = client.userPoolClientId;
    this.page = domain.baseUrl();
  }
}
