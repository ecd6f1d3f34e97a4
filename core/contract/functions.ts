/**
 * The credentials that somebody else issues and a person puts in place, each in a secret of its own, and what it holds.
 * Stack, rights and functions follow from this; whoever uses one declares the grant `secret:<name>`.
 */
export const walletSecrets = {
  apple: 'The Pass Type ID certificate and its key.',
  google: 'The issuer id and the service account of Google Wallet.',
  samsung: 'The partner, the card and the keys of Samsung Wallet.',
} as const;
export type WalletSecret = keyof typeof walletSecrets;
export const walletSecretNames = Object.keys(walletSecrets) as WalletSecret[];

/** Those, the root of the keyed hashes, and what CloudFront says to the API: the last two are made by a deployment. */
export type SecretName = 'keys' | 'origin' | WalletSecret;

/**
 * The groups of the people who sign in, and what they are to the API (routes.ts). Whoever is in both is an operator, and
 * whoever is in none may do nothing.
 */
export const groups = { operator: 'ops', reader: 'reader' } as const;

/** The variables that tell a function which pool's tokens it takes, and for which client. */
export const poolVariables = { issuer: 'OPERATORS_ISSUER', client: 'OPERATORS_CLIENT' } as const;

/** The header in which CloudFront says the secret `origin` to the API, whose own address answers nobody else. */
export const originHeader = 'x-philia-origin';

/** The variable that tells a function where a secret is. */
export function secretVariable(secret: SecretName): string {
  return `${secret.toUpperCase()}_SECRET`;
}

/** The variable that says what the names of the channels' secrets begin with; behind it stands the channel's id. */
export const channelSecretsVariable = 'CHANNEL_SECRETS';

/**
 * What a function may touch. Each right is a few IAM actions on one resource of the stack; a function's role
 * holds the union of what its routes and events declare, and nothing else.
 */
export const grants = [
  'ledger:read',
  'ledger:write',
  'ledger:scan',
  'erasures:read',
  'erasures:write',
  'bus:put',
  'queues:send',
  'holds:send',
  'walks:send',
  'channel-secrets:read',
  'channel-secrets:write',
  'secret:keys',
  'secret:origin',
  ...walletSecretNames.map((name) => `secret:${name}` as const),
  'sms:send',
  'email:send',
] as const;
export type Grant = (typeof grants)[number];

/** Functions behind the HTTP API; each route in routes.ts names one of them. */
export const httpFunctions = [
  'intake',
  'members',
  'redemptions',
  'operators',
  'channels',
  'deliveries',
  'join',
  'cards',
  'apple',
  'google',
  'samsung',
] as const;
export type HttpFunction = (typeof httpFunctions)[number];

/** Functions that are not behind a route: fed by a queue, the table's stream, a schedule, or by hand. */
export const otherFunctions = {
  purchases: { grants: ['ledger:read', 'ledger:write', 'secret:keys'], from: 'queue' },
  // What shops have to be asked for, and what they put on the bus themselves.
  orders: { grants: ['ledger:read', 'ledger:write', 'secret:keys', 'channel-secrets:read'], from: 'queue' },
  referrals: { grants: ['ledger:read', 'ledger:write', 'secret:keys'], from: 'queue' },
  'apple-push': { grants: ['ledger:read', 'ledger:write', 'secret:keys', 'secret:apple'], from: 'queue' },
  'google-update': { grants: ['ledger:read', 'ledger:write', 'secret:keys', 'secret:google'], from: 'queue' },
  'samsung-update': {
    grants: ['ledger:read', 'ledger:write', 'secret:keys', 'secret:samsung'],
    from: 'queue',
  },
  messages: {
    grants: ['ledger:read', 'ledger:write', 'secret:keys', 'sms:send', 'email:send'],
    from: 'queue',
  },
  holds: { grants: ['ledger:read', 'ledger:write', 'secret:keys', 'holds:send'], from: 'queue' },
  // The steps of whatever goes through many: what fell due, birthdays, cards that were left behind, erasures.
  walks: { grants: ['ledger:read', 'ledger:write', 'secret:keys', 'bus:put', 'walks:send'], from: 'queue' },
  // Exceptions are found by the contacts that they name, under keyed hashes.
  quarantine: { grants: ['ledger:write', 'secret:keys'], from: 'queue' },
  // What it cannot publish it lists itself.
  outbox: { grants: ['bus:put', 'ledger:write'], from: 'stream' },
  night: { grants: ['ledger:read', 'ledger:write', 'secret:keys', 'walks:send'], from: 'schedule' },
  certificates: { grants: ['secret:apple'], from: 'schedule' },
  setup: { grants: ['ledger:read', 'ledger:write', 'erasures:read', 'secret:keys'], from: 'hand' },
} as const satisfies Record<
  string,
  { grants: readonly Grant[]; from: 'queue' | 'stream' | 'schedule' | 'hand' }
>;
export type OtherFunction = keyof typeof otherFunctions;
export type FunctionName = HttpFunction | OtherFunction;
