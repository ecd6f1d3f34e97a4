/**
 * What Apple gives a brand that signs passes: a Pass Type ID certificate with its key, and the certificate of
 * the authority that issued it (WWDR). Apple's phones refuse a pass without a word when any of it does not
 * fit, so all of it is checked before the first pass is signed.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';

export interface AppleCredentials {
  /** For example `pass.com.example.loyalty`. */
  readonly passTypeIdentifier: string;
  readonly teamIdentifier: string;
  /** The sender that the phone names in notices; the programme's name when absent. */
  readonly organizationName?: string;
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  readonly wwdr: X509Certificate;
  readonly pushUrl: string;
  /** PEM of the authority that vouches for `pushUrl`; those that the system trusts when absent. */
  readonly pushCa?: string;
  /** What pushes call themselves (`apns-push-type`). */
  readonly pushType: string;
  /** Epoch milliseconds at which the first of both certificates expires: from then on nothing can be signed. */
  readonly notAfter: number;
}

const applePush = 'https://api.push.apple.com';
const required = ['passTypeIdentifier', 'teamIdentifier', 'certificate', 'privateKey', 'wwdr'] as const;
const optional = ['organizationName', 'pushUrl', 'pushCa', 'pushType'] as const;
/** Apple documents none for passes; `background` is what a notification without content is elsewhere. */
const defaultPushType = 'background';
/** Source: Apple, Sending notification requests to APNs. */
const pushTypes =
  'alert background complication controls fileprovider liveactivity location mdm pushtotalk voip widgets'.split(
    ' ',
  );
type Secret = Record<(typeof required)[number], string> & Partial<Record<(typeof optional)[number], string>>;

/**
 * Reads the secret `{ passTypeIdentifier, teamIdentifier, certificate, privateKey, wwdr, organizationName?,
 * pushUrl?, pushCa?, pushType? }`, whose `certificate`, `privateKey`, `wwdr` and `pushCa` are PEM.
 *
 * @param now epoch milliseconds, at which the certificates must be valid
 * @returns null for `{}`, which means that Apple is not configured; else the credentials, or every problem
 *   found, each a sentence
 */
export function parseAppleCredentials(
  secret: unknown,
  now: number,
): AppleCredentials | { readonly problem: string } | null {
  if (typeof secret !== 'object' || secret === null || Array.isArray(secret))
    return { problem: `Apple's secret must be a JSON object, not ${JSON.stringify(secret)}.` };
  if (Object.keys(secret).length === 0) return null;
  const problems = fieldProblems(secret);
  if (problems.length > 0) return { problem: problems.join(' ') };
  return check(secret as Secret, now);
}

function fieldProblems(secret: object): string[] {
  const known: readonly string[] = [...required, ...optional];
  const unknown = Object.keys(secret)
    .filter((name) => !known.includes(name))
    .map((name) => `Apple's secret has the unknown field ${name}; known are ${known.join(', ')}.`);
  const values = new Map<string, unknown>(Object.entries(secret));
  const missing = required
    .filter((name) => !values.has(name))
    .map((name) => `Apple's secret lacks the field ${name}.`);
  const wrong = known
    .filter((name) => values.has(name) && !isText(values.get(name)))
    .map((name) => `The field ${name} of Apple's secret must be a text that is not empty.`);
  return [...unknown, ...missing, ...wrong];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function check(secret: Secret, now: number): AppleCredentials | { problem: string } {
  const certificate = readCertificate(secret.certificate);
  const wwdr = readCertificate(secret.wwdr);
  const privateKey = readKey(secret.privateKey);
  const { pushUrl = applePush, pushType = defaultPushType } = secret;
  if (!certificate || !wwdr || !privateKey) {
    return {
      problem: [
        ...(certificate ? [] : ["The field certificate of Apple's secret is not a certificate in PEM."]),
        ...(wwdr ? [] : ["The field wwdr of Apple's secret is not a certificate in PEM."]),
        ...(privateKey ? [] : ["The field privateKey of Apple's secret is not an unencrypted key in PEM."]),
      ].join(' '),
    };
  }
  const problems = [
    ...subjectProblems(certificate, secret),
    ...validityProblems('The pass certificate', certificate, now),
    ...keyProblems(certificate, privateKey),
    ...issuerProblems(certificate, wwdr),
    ...validityProblems('The WWDR certificate', wwdr, now),
    ...(secret.pushCa === undefined || readCertificate(secret.pushCa)
      ? []
      : ["The field pushCa of Apple's secret is not a certificate in PEM."]),
    ...(/^https:\/\/[^/]+\/?$/.test(pushUrl) ? [] : [`pushUrl is ${pushUrl}, but must be https://<host>.`]),
    ...(pushTypes.includes(pushType)
      ? []
      : [`pushType is ${pushType}, but must be one of ${pushTypes.join(', ')}.`]),
  ];
  if (problems.length > 0) return { problem: problems.join(' ') };
  return {
    passTypeIdentifier: secret.passTypeIdentifier,
    teamIdentifier: secret.teamIdentifier,
    ...(secret.organizationName !== undefined && { organizationName: secret.organizationName }),
    certificate,
    privateKey,
    wwdr,
    pushUrl,
    pushType,
    ...(secret.pushCa !== undefined && { pushCa: secret.pushCa }),
    notAfter: Math.min(certificate.validToDate.getTime(), wwdr.validToDate.getTime()),
  };
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined; // The caller names the field; OpenSSL's reason says nothing that helps.
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined; // As above; and the reason could quote the key.
  }
}

/** Apple writes the pass type into the subject's UID and the team into its OU. */
function subjectProblems(certificate: X509Certificate, secret: Secret): string[] {
  const { subject } = certificate.toLegacyObject();
  const { UID, OU } = subject;
  const problem = (what: string, field: string, has: unknown, wants: string) =>
    has === wants
      ? []
      : [`The pass certificate's ${what} (${field}) is ${has}, but the secret says ${wants}.`];
  return [
    ...problem('pass type', 'UID', UID, secret.passTypeIdentifier),
    ...problem('team', 'OU', OU, secret.teamIdentifier),
  ];
}

function validityProblems(what: string, certificate: X509Certificate, now: number): string[] {
  const { validFromDate: from, validToDate: to } = certificate;
  const at = new Date(now).toISOString();
  if (now >= to.getTime()) return [`${what} expired at ${to.toISOString()}; it is ${at}.`];
  if (now < from.getTime()) return [`${what} is valid only from ${from.toISOString()}; it is ${at}.`];
  return [];
}

function keyProblems(certificate: X509Certificate, privateKey: KeyObject): string[] {
  const type = privateKey.asymmetricKeyType;
  if (type !== 'rsa') return [`The private key is of type ${type}, but passes are signed by an RSA key.`];
  if (certificate.checkPrivateKey(privateKey)) return [];
  return ['The private key does not belong to the pass certificate: their public keys differ.'];
}

function issuerProblems(certificate: X509Certificate, wwdr: X509Certificate): string[] {
  if (certificate.checkIssued(wwdr) && certificate.verify(wwdr.publicKey)) return [];
  const oneLine = (name: string) => name.replaceAll('\n', ', ');
  return [
    `The certificate in wwdr (${oneLine(wwdr.subject)}) did not issue the pass certificate, whose issuer is ${oneLine(certificate.issuer)}.`,
  ];
}
