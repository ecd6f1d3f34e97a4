/** The texts of secrets. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { answered, inTime } from '../kit/budget.ts';

/** @param stage the one before the last, where it is not the newest that is asked for */
export type ReadSecret = (id: string, stage?: 'AWSPREVIOUS') => Promise<string>;

export function connect(settings: object): ReadSecret {
  const client = inTime(new SecretsManagerClient(settings));
  return async (id, stage) => {
    const command = new GetSecretValueCommand({ SecretId: id, ...(stage && { VersionStage: stage }) });
    const answer = await answered('Reading a secret', client.send(command));
    if (!answer.SecretString) throw new Error(`The secret ${id} has no text.`);
    return answer.SecretString;
  };
}
