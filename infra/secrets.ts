/** The secrets: our own keys, and the credentials that wallets' makers issue. */
import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  type SecretName,
  type WalletSecret,
  walletSecretNames,
  walletSecrets,
} from '../core/contract/functions.ts';
import { accept } from './nag.ts';
import { systemOf } from './names.ts';
import { removalOf, type Stage } from './stage.ts';

const rotation = 'AwsSolutions-SMG4';

export class Secrets extends Construct {
  readonly secrets: Readonly<Record<SecretName, Secret>>;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    const keys = new Secret(this, 'Keys', {
      secretName: this.nameOf('keys'),
      description:
        'The root of the keyed hashes: without it nobody is found by card, e-mail, phone or token.',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: removalOf(stage),
    });
    accept(
      keys,
      rotation,
      'Rotating this key would orphan every stored look-up hash; it is replaced by migration.',
    );
    const origin = new Secret(this, 'Origin', {
      secretName: this.nameOf('origin'),
      description: 'What CloudFront says to the API, whose own address answers nobody else.',
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      // A new stack makes a new one.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    accept(origin, rotation, 'CloudFront learns of a new value by a deployment: docs/deploy.md says how.');
    const issued = walletSecretNames.map((name) => [name, this.issued(name, stage)] as const);
    this.secrets = { keys, origin, ...(Object.fromEntries(issued) as Record<WalletSecret, Secret>) };
  }

  /** An operator puts the real value (docs/deploy.md); until then the wallet answers wallet_not_configured. */
  private issued(name: WalletSecret, stage: Stage): Secret {
    const secret = new Secret(this, name.charAt(0).toUpperCase() + name.slice(1), {
      secretName: this.nameOf(name),
      description: walletSecrets[name],
      secretStringValue: SecretValue.unsafePlainText('{}'),
      removalPolicy: removalOf(stage),
    });
    accept(secret, rotation, 'Another company issues this credential, so only a person can renew it.');
    return secret;
  }

  private nameOf(last: string): string {
    return `${systemOf(this)}/${last}`;
  }
}
