/** `AWS::SecretsManager::Secret`. */
import type { Stack } from '../template/stack.ts';

export interface GeneratedSpec {
  readonly length: number;
  readonly excludeCharacters: string;
  readonly excludeLowercase: boolean;
  readonly excludeUppercase: boolean;
  readonly excludeNumbers: boolean;
  readonly excludePunctuation: boolean;
  readonly includeSpace: boolean;
  readonly requireEachIncludedType: boolean;
  /** A JSON object to which the password is added under `key`. */
  readonly template: { readonly text: string; readonly key: string } | undefined;
}

export interface SecretSpec {
  readonly name: string;
  readonly arn: string;
  /** The value in the template, if it has one, else how to make one up. */
  readonly source: { readonly value: string } | { readonly generate: GeneratedSpec };
}

export function readSecrets(stack: Stack): SecretSpec[] {
  return stack.ofType('AWS::SecretsManager::Secret').map(({ ref, id, properties }) => {
    properties
      .inert('describes the secret', 'Description', 'Tags')
      .inert('encryption and replication are AWS’s', 'KmsKeyId', 'ReplicaRegions');
    const name = properties.text('Name', id);
    if (properties.has('SecretString')) {
      return { name, arn: ref, source: { value: properties.text('SecretString') } };
    }
    const generate = properties.object('GenerateSecretString');
    const key = generate.optionalText('GenerateStringKey');
    const template = generate.optionalText('SecretStringTemplate');
    return {
      name,
      arn: ref,
      source: {
        generate: {
          length: generate.number('PasswordLength', 32),
          excludeCharacters: generate.text('ExcludeCharacters', ''),
          excludeLowercase: generate.flag('ExcludeLowercase', false),
          excludeUppercase: generate.flag('ExcludeUppercase', false),
          excludeNumbers: generate.flag('ExcludeNumbers', false),
          excludePunctuation: generate.flag('ExcludePunctuation', false),
          includeSpace: generate.flag('IncludeSpace', false),
          requireEachIncludedType: generate.flag('RequireEachIncludedType', true),
          template: key !== undefined && template !== undefined ? { text: template, key } : undefined,
        },
      },
    };
  });
}
