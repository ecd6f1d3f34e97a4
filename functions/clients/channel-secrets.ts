/** What channels' shops sign with, and what their APIs want to see: one secret for each channel, made when it is given. */
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { ChannelId } from '../../core/contract/ids.ts';
import { answered, inTime } from '../kit/budget.ts';

export interface ChannelSecret {
  readonly secrets: readonly string[];
  readonly apiToken: string | null;
}

export interface ChannelSecrets {
  /** Undefined where a channel was given none. */
  readonly read: (id: ChannelId) => Promise<ChannelSecret | undefined>;
  readonly write: (id: ChannelId, value: ChannelSecret) => Promise<void>;
}

const isCalled = (error: unknown, name: string) => (error as Error).name === name;

/** @param prefix what the secrets' names begin with */
export function connect(settings: object, prefix: string): ChannelSecrets {
  const client = inTime(new SecretsManagerClient(settings));
  return {
    async read(id) {
      try {
        const command = new GetSecretValueCommand({ SecretId: `${prefix}${id}` });
        const { SecretString } = await answered('Reading a secret', client.send(command));
        return JSON.parse(SecretString ?? '') as ChannelSecret;
      } catch (error) {
        if (isCalled(error, 'ResourceNotFoundException')) return undefined;
        throw error;
      }
    },
    async write(id, value) {
      const name = `${prefix}${id}`;
      const text = JSON.stringify(value);
      try {
        const put = new PutSecretValueCommand({ SecretId: name, SecretString: text });
        await answered('Writing a secret', client.send(put));
      } catch (error) {
        if (!isCalled(error, 'ResourceNotFoundException')) throw error;
        const create = new CreateSecretCommand({ Name: name, SecretString: text });
        await answered('Making a secret', client.send(create));
      }
    },
  };
}
