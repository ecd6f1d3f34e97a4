/** Scope: what is kept and what may be lost by stage, and what stops synthesis. */
import type { Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { makeApp } from '../../infra/make-app.ts';
import { erasuresTable, ledgerTable, stubApp, synthesize } from './template.ts';

const dev = synthesize();
const domain = 'card.example.com';
const certificate = 'arn:aws:acm:us-east-1:111111111111:certificate/0000';
const webAcl = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/philia-prod-firewall/0000';
const prod = synthesize({ stage: 'prod', domain, certificate, webAcl });

describe('the table', () => {
  const table = ledgerTable(dev).Properties;

  it('has two text keys, no index, a stream, a lifetime attribute, and is paid by request', () => {
    expect(table.AttributeDefinitions).toEqual([
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ]);
    expect(table.KeySchema).toEqual([
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ]);
    expect(table.GlobalSecondaryIndexes).toBeUndefined();
    expect(table.BillingMode).toBe('PAY_PER_REQUEST');
    expect(table.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(table.TimeToLiveSpecification).toEqual({ AttributeName: 'ttl', Enabled: true });
  });

  it('can be restored to any moment, in every stage', () => {
    for (const template of [dev, prod]) {
      const [replica] = ledgerTable(template).Properties.Replicas;
      expect(replica.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    }
  });
});

describe('before a launch', () => {
  it('the table is told what will come', () => {
    const warm = synthesize({ warmReads: '24000', warmWrites: '16000' });
    const units = { ReadUnitsPerSecond: 24_000, WriteUnitsPerSecond: 16_000 };
    expect(ledgerTable(warm).Properties.WarmThroughput).toEqual(units);
    expect(erasuresTable(warm).Properties.WarmThroughput).toBeUndefined();
  });

  it('only what is given is', () => {
    expect(ledgerTable(synthesize({ warmWrites: 8_000 })).Properties.WarmThroughput).toEqual({
      WriteUnitsPerSecond: 8_000,
    });
    expect(ledgerTable(dev).Properties.WarmThroughput).toBeUndefined();
  });

  it.each(['lots', '0', '1.5', '-1'])('%s is no number of units', (warmWrites) => {
    expect(() => stubApp({ warmWrites })).toThrow(`-c warmWrites=${warmWrites} is no whole number`);
  });
});

describe('the table of who has been erased', () => {
  it('is keyed by the member, paid by request, and keeps what it has: no stream, no lifetime', () => {
    const table = erasuresTable(dev).Properties;
    expect(table.KeySchema).toEqual([{ AttributeName: 'memberId', KeyType: 'HASH' }]);
    expect(table.BillingMode).toBe('PAY_PER_REQUEST');
    expect(table.StreamSpecification).toBeUndefined();
    expect(table.TimeToLiveSpecification).toBeUndefined();
  });

  it('can be restored to any moment, in every stage', () => {
    for (const template of [dev, prod]) {
      const [replica] = erasuresTable(template).Properties.Replicas;
      expect(replica.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    }
  });
});

describe('what must not be lost', () => {
  const precious = ['AWS::DynamoDB::GlobalTable', 'AWS::SecretsManager::Secret', 'AWS::Cognito::UserPool'];

  it.each(precious)('%s outlives the stack in prod, and goes with it in dev', (type) => {
    // What CloudFront says to the API a new stack makes anew.
    const all = prod.all(type).filter(({ Properties }) => Properties.Name !== 'philia-prod/origin');
    expect(all.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(all.map(() => 'Retain'));
    expect(dev.all(type).map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(
      dev.all(type).map(() => 'Delete'),
    );
  });

  it('is protected from deletion in prod', () => {
    for (const table of [ledgerTable(prod), erasuresTable(prod)])
      expect(table.Properties.Replicas[0].DeletionProtectionEnabled).toBe(true);
    expect(prod.one('AWS::Cognito::UserPool').Properties.DeletionProtection).toBe('ACTIVE');
  });
});

describe('secrets', () => {
  const secret = (name: string) =>
    dev.one('AWS::SecretsManager::Secret', ({ Properties }) => Properties.Name === `philia-dev/${name}`);

  it('hold 64 random characters for our own keys', () => {
    expect(secret('keys').Properties.GenerateSecretString).toEqual({
      PasswordLength: 64,
      ExcludePunctuation: true,
    });
  });

  it.each(['apple', 'google', 'samsung'])('wait for what an operator puts: %s', (name) => {
    expect(secret(name).Properties.SecretString).toBe('{}');
  });
});

describe('operators', () => {
  it('are invited, use a second factor, and are in one of two groups', () => {
    const pool = dev.one('AWS::Cognito::UserPool').Properties;
    expect(pool.AdminCreateUserConfig.AllowAdminCreateUserOnly).toBe(true);
    expect(pool.MfaConfiguration).toBe('ON');
    expect(pool.EnabledMfas).toEqual(['SOFTWARE_TOKEN_MFA']);
    const groups = dev.all('AWS::Cognito::UserPoolGroup').map(({ Properties }) => Properties.GroupName);
    expect(groups).toEqual(['operator', 'reader']);
  });

  it('are named by what nobody can change, whichever way it is written', () => {
    const pool = dev.one('AWS::Cognito::UserPool').Properties;
    expect([pool.UsernameAttributes, pool.AliasAttributes]).toEqual([undefined, ['email']]);
    expect(pool.UsernameConfiguration).toEqual({ CaseSensitive: false });
  });

  it('sign in by a public client: with a code, for a quarter of an hour at a time, and a working day', () => {
    const { UserPoolId, ClientName: _name, ...client } = dev.one('AWS::Cognito::UserPoolClient').Properties;
    expect(UserPoolId['Fn::ImportValue'] ?? UserPoolId.Ref).toContain('OperatorsPeople');
    expect(client).toEqual({
      AccessTokenValidity: 15,
      AllowedOAuthFlows: ['code'],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ['openid'],
      CallbackURLs: ['http://localhost:8400/'],
      // Nobody may send a password but who has rights to the pool.
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      GenerateSecret: false,
      IdTokenValidity: 15,
      PreventUserExistenceErrors: 'ENABLED',
      RefreshTokenValidity: 720,
      SupportedIdentityProviders: ['COGNITO'],
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
    });
  });
});

describe("a domain of one's own", () => {
  const configured = (template: typeof dev) =>
    template.one('AWS::CloudFront::Distribution').Properties.DistributionConfig;

  it('is served with its certificate and becomes the public address', () => {
    const config = configured(prod);
    expect(config.Aliases).toEqual([domain]);
    expect(config.ViewerCertificate).toMatchObject({
      AcmCertificateArn: certificate,
      MinimumProtocolVersion: 'TLSv1.2_2021',
    });
    const [, , otherwise] = prod.function('cards').Properties.Environment.Variables.PUBLIC_URL['Fn::If'];
    expect(otherwise).toBe(`https://${domain}`);
  });

  it('is not needed', () => {
    expect(configured(dev).Aliases).toBeUndefined();
  });
});

describe('synthesis stops', () => {
  it('for a stage that does not exist', () => {
    expect(() => stubApp({ stage: 'production' })).toThrow('"production" is not one of dev, prod');
  });

  it("for a version of the distribution's secret that is none", () => {
    expect(() => stubApp({ originVersion: 'newest' })).toThrow('-c originVersion=newest is no id');
  });

  it('for prod that is not told of a web firewall, and for what is none', () => {
    expect(() => stubApp({ stage: 'prod' })).toThrow('-c webAcl=none');
    for (const other of [
      'yes',
      webAcl.replace('us-east-1', 'eu-west-1'),
      webAcl.replace('global', 'regional'),
    ])
      expect(() => stubApp({ webAcl: other })).toThrow('neither none nor the ARN');
  });

  it('for half a domain', () => {
    expect(() => stubApp({ domain })).toThrow(/domain=.* certificate=/);
  });

  it('before anything was built', () => {
    expect(() => makeApp({ build: '/nowhere' })).toThrow(/\/nowhere.*tools\/build\.ts/);
  });

  it('for a finding of cdk-nag that nobody accepted', () => {
    const app = stubApp();
    new Queue(app.node.findChild('philia-dev') as Stack, 'Loose');
    expect(() => app.synth()).toThrow(
      /philia-dev\/Loose[\s\S]*AwsSolutions-SQS3[\s\S]*Serverless-SQSRedrivePolicy/,
    );
  });
});
