/** The secrets: our own keys, Apple's pass certificate, Google's service account, Samsung's partner key. */
import { SecretValue, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { accept } from './nag.ts';
import { removalOf, type Stage } from './stage.ts';

export class Wallets extends Construct {
  readonly keys: Secret;
  readonly apple: Secret;
  readonly google: Secret;
  readonly samsung: Secret;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    const name = (last: string) => `${Stack.of(this).stackName}/${last}`;
    const removalPolicy = removalOf(stage);
    const keys = new Secret(this, 'Keys', {
      secretName: name('keys'),
      description:
        'The root of the keyed hashes: without it nobody is found by card, e-mail, phone or token.',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy,
    });
    // An operator puts the real value (docs/deploy.md); until then the wallet answers wallet_not_configured.
    const placeholder = SecretValue.unsafePlainText('{}');
    const apple = new Secret(this, 'Apple', {
      secretName: name('apple'),
      description: 'The Pass Type ID certificate and its key.',
      secretStringValue: placeholder,
      removalPolicy,
    });
    const google = new Secret(this, 'Google', {
      secretName: name('google'),
      description: 'The issuer id and the service account of Google Wallet.',
      secretStringValue: placeholder,
      removalPolicy,
    });
    const samsung = new Secret(this, 'Samsung', {
      secretName: name('samsung'),
      description: 'The partner, the card and the keys of Samsung Wallet.',
      secretStringValue: placeholder,
      removalPolicy,
    });
    const rule = 'AwsSolutions-SMG4';
    accept(
      keys,
      rule,
      'Rotating this key would orphan every stored look-up hash; it is replaced by migration.',
    );
    for (const secret of [apple, google, samsung])
      accept(secret, rule, 'Another company issues this credential, so only a person can renew it.');
    this.keys = keys;
    this.apple = apple;
    this.google = google;
    this.samsung = samsung;
  }
}
