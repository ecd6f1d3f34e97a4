/** Slips of the finger in an address: a domain that is one letter away from one that many people have. */
import { canonicalEmail, cleanEmail } from '../../core/contract/email.ts';

/** Domains to which most people write, and what was meant by those that are a letter away from one of them. */
const common = [
  'gmail.com',
  'googlemail.com',
  'hotmail.com',
  'hotmail.fr',
  'outlook.com',
  'outlook.fr',
  'live.com',
  'yahoo.com',
  'yahoo.fr',
  'icloud.com',
  'orange.fr',
  'wanadoo.fr',
  'free.fr',
  'laposte.net',
  'sfr.fr',
  'gmx.de',
  'gmx.net',
  'web.de',
  't-online.de',
  'libero.it',
  'proton.me',
  'protonmail.com',
];
/** Real providers that lie close to another one: what is written so is meant so. */
const real = new Set([
  ...common,
  'mail.com',
  'gmx.com',
  'gmx.fr',
  'gmx.at',
  'ymail.com',
  'me.com',
  'mac.com',
  'free.com',
]);

/** Whether one letter is added, missing or another, or two neighbours have changed places. */
function isSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from++;
  const [restA, restB] = [a.slice(from), b.slice(from)];
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}

/** The address that was probably meant; undefined where nothing looks like a slip. It is to be asked, never assumed. */
export function likelyEmail(typed: string): string | undefined {
  const canonical = canonicalEmail(typed);
  if (canonical === undefined) return undefined;
  const at = canonical.lastIndexOf('@');
  const domain = canonical.slice(at + 1);
  if (real.has(domain)) return undefined;
  const meant = common.find((one) => isSlip(domain, one));
  return meant === undefined ? undefined : `${cleanEmail(typed).slice(0, at)}@${meant}`;
}
