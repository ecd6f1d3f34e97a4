/** `AWS::Cognito::UserPool`, its groups and its client. */
import type { Stack } from '../template/stack.ts';

/** What tokens say of where they come from. */
export interface PoolSpec {
  readonly issuer: string;
  readonly clientId: string;
  readonly groups: readonly string[];
  readonly tokenSeconds: number;
}

const SECONDS = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;
const UNITS = ['seconds', 'minutes', 'hours', 'days'] as const;

/** One client is what the tokens of a pool are made for here; a template without a pool has nobody who signs in. */
export function readPool(stack: Stack): PoolSpec | undefined {
  const [pool, ...more] = stack.ofType('AWS::Cognito::UserPool');
  const [client, ...others] = stack.ofType('AWS::Cognito::UserPoolClient');
  const surplus = more[0] ?? others[0] ?? (pool ? undefined : client);
  if (surplus) return surplus.properties.fail('one pool with one client is what the local run knows.');
  if (!pool) return undefined;
  pool.properties.inert(
    'passwords, second factors and invitations are asked of nobody here',
    'AccountRecoverySetting',
    'AdminCreateUserConfig',
    'AliasAttributes',
    'AutoVerifiedAttributes',
    'DeletionProtection',
    'EmailVerificationMessage',
    'EmailVerificationSubject',
    'EnabledMfas',
    'MfaConfiguration',
    'Policies',
    'SmsVerificationMessage',
    'UserPoolName',
    'UsernameConfiguration',
    'VerificationMessageTemplate',
  );
  const groups = stack.ofType('AWS::Cognito::UserPoolGroup').map(({ properties }) => {
    properties.inert('there is one pool', 'UserPoolId').inert('describes the group', 'Description');
    return properties.text('GroupName');
  });
  if (!client) return pool.properties.fail('a pool without a client makes tokens for nobody.');
  const { properties } = client;
  properties
    .inert('there is one pool', 'UserPoolId')
    .inert(
      'nobody signs in by a page here: tokens are made by POST /local/operators/token',
      'AllowedOAuthFlows',
      'AllowedOAuthFlowsUserPoolClient',
      'AllowedOAuthScopes',
      'CallbackURLs',
      'ClientName',
      'ExplicitAuthFlows',
      'GenerateSecret',
      'IdTokenValidity',
      'PreventUserExistenceErrors',
      'RefreshTokenValidity',
      'SupportedIdentityProviders',
    );
  const units = properties
    .object('TokenValidityUnits')
    .inert('only access tokens are made', 'IdToken', 'RefreshToken');
  const unit = units.oneOf('AccessToken', UNITS, 'hours');
  return {
    issuer: pool.attribute('ProviderURL') ?? '',
    clientId: client.ref,
    groups,
    tokenSeconds: properties.number('AccessTokenValidity', 1) * SECONDS[unit],
  };
}
