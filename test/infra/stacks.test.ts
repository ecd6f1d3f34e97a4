/** Scope: what is in which stack, and how the stacks know of each other. */
import { describe, expect, it } from 'vitest';
import { synthesizeStacks } from './template.ts';

const webAcl = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/philia-prod-firewall/0000';
const stacks = synthesizeStacks({ stage: 'prod', webAcl });
const resources = (name: string) => Object.entries(stacks.get(name)?.Resources ?? {});

/** What must never be replaced, by the ids that CloudFormation knows it by: another id is another table. */
const kept = {
  Bus95A03305: 'AWS::Events::EventBus',
  BusArchiveDBBF46CD: 'AWS::Events::Archive',
  ErasuresTableD2BCF02B: 'AWS::DynamoDB::GlobalTable',
  OperatorsPeople3812610A: 'AWS::Cognito::UserPool',
  OperatorsPeopleoperatorB54E313A: 'AWS::Cognito::UserPoolGroup',
  OperatorsPeoplereader728BC9CD: 'AWS::Cognito::UserPoolGroup',
  Table710B521B: 'AWS::DynamoDB::GlobalTable',
  WalletsAppleC56F887A: 'AWS::SecretsManager::Secret',
  WalletsGoogleF5301C50: 'AWS::SecretsManager::Secret',
  WalletsKeysF504E330: 'AWS::SecretsManager::Secret',
  WalletsOriginF2EBA2BC: 'AWS::SecretsManager::Secret',
  WalletsSamsungE185C3CD: 'AWS::SecretsManager::Secret',
} as const;

describe('the stacks', () => {
  it('are the data, the front, the events, the API and the alarms', () => {
    expect([...stacks.keys()].sort()).toEqual([
      'philia-prod',
      'philia-prod-alarms',
      'philia-prod-api',
      'philia-prod-events',
      'philia-prod-front',
    ]);
  });

  it.each([...stacks.keys()])('%s has fewer than 300 resources', (name) => {
    expect(resources(name).length).toBeGreaterThan(0);
    expect(resources(name).length).toBeLessThan(300);
  });

  it('the first holds what must never be replaced, under the ids that it always had, and nothing else', () => {
    const held = resources('philia-prod').map(([id, { Type }]) => [id, Type]);
    expect(Object.fromEntries(held)).toEqual(kept);
  });

  it('no other holds anything that outlives it', () => {
    const others = [...stacks.keys()].filter((name) => name !== 'philia-prod').flatMap(resources);
    const outliving = others.filter(([, { DeletionPolicy }]) => DeletionPolicy?.startsWith('Retain'));
    // CDK's own, of the function that brings the site's files.
    expect(outliving.map(([id]) => id).filter((id) => !id.startsWith('CustomCDKBucketDeployment'))).toEqual(
      [],
    );
    expect(others.filter(([id]) => Object.hasOwn(kept, id))).toEqual([]);
  });

  it('know of each other what has no name of its own, and nothing that may have to change', () => {
    const imported = [...stacks].flatMap(([, template]) =>
      [...JSON.stringify(template).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name),
    );
    const stateful =
      /^philia-prod:ExportsOutput(Ref|FnGetAtt)(Table|ErasuresTable|Bus|Wallets|OperatorsPeople)/;
    const front = /^philia-prod-front:ExportsOutput(RefSiteApi|FnGetAttSiteDistribution)/;
    expect(
      [...new Set(imported)].filter((name) => !stateful.test(name ?? '') && !front.test(name ?? '')),
    ).toEqual([]);
  });
});
