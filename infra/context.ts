/** The `-c` options: text from the command line, or JSON from `cdk.json`. */
import { isIP } from 'node:net';
import type { App } from 'aws-cdk-lib';

/** A whole number of 1 or more, which comes as text from the command line. */
export function wholeNumber(app: App, name: string): number | undefined {
  const given: unknown = app.node.tryGetContext(name);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`-c ${name}=${String(given)} is no whole number of 1 or more.`);
  return value;
}

/** Networks as in `203.0.113.0/24,2001:db8::/32`; none when the option is left out. */
export function addressList(app: App, name: string): readonly string[] {
  const given: unknown = app.node.tryGetContext(name);
  if (given === undefined) return [];
  const all = String(given).split(',');
  for (const one of all) {
    const [address = '', bits = '', ...more] = one.split('/');
    const widest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
    if (more.length > 0 || !/^\d+$/.test(bits) || Number(bits) < 1 || Number(bits) > widest)
      throw new Error(`-c ${name}: "${one}" is no network, as 203.0.113.0/24 is one.`);
  }
  return all;
}

/** The web firewall's ARN, or `none`. */
export function webAclOf(app: App): string | undefined {
  const given: unknown = app.node.tryGetContext('webAcl');
  if (given === undefined || given === 'none') return undefined;
  if (
    typeof given === 'string' &&
    /^arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global\/webacl\/[^/]+\/[^/]+$/.test(given)
  )
    return given;
  throw new Error(`-c webAcl=${String(given)} is neither none nor the ARN of a web ACL for CloudFront.`);
}
