/**
 * Dynamic references to secrets, which CloudFormation follows when it deploys.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
 */
import type { Json } from '../bus/pattern.ts';
import { StartFailure } from '../failure.ts';
import type { Secrets } from '../secrets.ts';

const SECRET = /^\{\{resolve:secretsmanager:(arn:(?:[^:}]*:){5}[^:}]+|[^:}]+):SecretString:::\}\}$/;

export function isReference(value: Json | undefined): boolean {
  return typeof value === 'string' && value.includes('{{resolve:');
}

/**
 * The text itself, or what it refers to: the whole of a secret, in its newest version.
 * @throws StartFailure for any other reference, and a secret that is not there
 */
export function followed(text: string, secrets: Pick<Secrets, 'find'>): string {
  if (!isReference(text)) return text;
  const [, id] = SECRET.exec(text) ?? [];
  const secret = id === undefined ? undefined : secrets.find(id);
  if (!secret) throw new StartFailure(`The reference ${text} is not known to the local run.`);
  return secret.value;
}
