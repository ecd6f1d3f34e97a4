/**
 * The fields of Google Wallet's LoyaltyClass and LoyaltyObject, and the check of a body against them.
 * Source: Google's public REST reference and discovery document of the Wallet API, v1.
 */

export type Shape =
  | 'string'
  | 'boolean'
  | 'integer'
  /** A whole number of 64 bits: as text, as Google's JSON writes it, or as a number. */
  | 'long'
  /** An object whose inside is not looked at. */
  | 'object'
  | { number: readonly [min: number, max: number] }
  | { oneOf: readonly string[] }
  | { list: Shape; max?: number }
  | { fields: Fields };

export type Fields = Readonly<Record<string, Shape>>;

/** One thing wrong with a body, `field` as a path such as `loyaltyPoints.balance.int`. */
export interface Violation {
  field: string;
  description: string;
}

/** Google lets an object and a class have so many places and messages, and so many modules of added value. */
const TEN = 10;
const FIFTEEN = 15;

const LOCALIZED = 'object';
const IMAGE: Shape = {
  fields: {
    kind: 'string',
    sourceUri: { fields: { uri: 'string', description: 'string', localizedDescription: LOCALIZED } },
    privateImageId: 'string',
    contentDescription: LOCALIZED,
  },
};
const URI: Shape = {
  fields: {
    kind: 'string',
    uri: 'string',
    description: 'string',
    localizedDescription: LOCALIZED,
    id: 'string',
  },
};
const POINTS: Shape = {
  fields: {
    label: 'string',
    localizedLabel: LOCALIZED,
    balance: { fields: { string: 'string', int: 'integer', double: number(), money: 'object' } },
  },
};
const BARCODE: Shape = {
  fields: {
    kind: 'string',
    type: {
      oneOf: [
        'AZTEC',
        'CODE_39',
        'CODE_128',
        'CODABAR',
        'DATA_MATRIX',
        'EAN_8',
        'EAN_13',
        'ITF_14',
        'PDF_417',
        'QR_CODE',
        'UPC_A',
        'TEXT_ONLY',
      ],
    },
    renderEncoding: { oneOf: ['RENDER_ENCODING_UNSPECIFIED', 'UTF_8'] },
    value: 'string',
    alternateText: 'string',
    showCodeText: LOCALIZED,
  },
};
const COORDINATES: Fields = { latitude: number(-90, 90), longitude: number(-180, 180) };
const PLACE: Shape = { fields: { kind: 'string', ...COORDINATES } };
/** It replaces the place of before, and has no kind. */
const MERCHANT_PLACE: Shape = { fields: COORDINATES };

export const MESSAGE: Fields = {
  kind: 'string',
  id: 'string',
  header: 'string',
  localizedHeader: LOCALIZED,
  body: 'string',
  localizedBody: LOCALIZED,
  displayInterval: 'object',
  messageType: { oneOf: ['MESSAGE_TYPE_UNSPECIFIED', 'TEXT', 'TEXT_AND_NOTIFY', 'EXPIRATION_NOTIFICATION'] },
};

/** What a class and an object have in common. */
const SHARED: Fields = {
  kind: 'string',
  id: 'string',
  version: 'long',
  appLinkData: 'object',
  heroImage: IMAGE,
  imageModulesData: { list: { fields: { id: 'string', mainImage: IMAGE } } },
  infoModuleData: 'object',
  linksModuleData: { fields: { uris: { list: URI } } },
  locations: { list: PLACE },
  merchantLocations: { list: MERCHANT_PLACE, max: TEN },
  messages: { list: { fields: MESSAGE }, max: TEN },
  notifyPreference: { oneOf: ['NOTIFICATION_SETTINGS_FOR_UPDATES_UNSPECIFIED', 'NOTIFY_ON_UPDATE'] },
  textModulesData: {
    list: {
      fields: {
        id: 'string',
        header: 'string',
        localizedHeader: LOCALIZED,
        body: 'string',
        localizedBody: LOCALIZED,
      },
    },
  },
  valueAddedModuleData: { list: 'object', max: FIFTEEN },
};

export const LOYALTY_CLASS: Fields = {
  ...SHARED,
  accountIdLabel: 'string',
  accountNameLabel: 'string',
  allowMultipleUsersPerObject: 'boolean',
  callbackOptions: { fields: { url: 'string', updateRequestUrl: 'string' } },
  classTemplateInfo: 'object',
  countryCode: 'string',
  discoverableProgram: 'object',
  enableSmartTap: 'boolean',
  hexBackgroundColor: 'string',
  homepageUri: URI,
  issuerName: 'string',
  localizedAccountIdLabel: LOCALIZED,
  localizedAccountNameLabel: LOCALIZED,
  localizedIssuerName: LOCALIZED,
  localizedProgramName: LOCALIZED,
  localizedRewardsTier: LOCALIZED,
  localizedRewardsTierLabel: LOCALIZED,
  localizedSecondaryRewardsTier: LOCALIZED,
  localizedSecondaryRewardsTierLabel: LOCALIZED,
  multipleDevicesAndHoldersAllowedStatus: {
    oneOf: ['STATUS_UNSPECIFIED', 'MULTIPLE_HOLDERS', 'ONE_USER_ALL_DEVICES', 'ONE_USER_ONE_DEVICE'],
  },
  programLogo: IMAGE,
  programName: 'string',
  redemptionIssuers: { list: 'string' },
  review: 'object',
  reviewStatus: { oneOf: ['REVIEW_STATUS_UNSPECIFIED', 'UNDER_REVIEW', 'APPROVED', 'REJECTED', 'DRAFT'] },
  rewardsTier: 'string',
  rewardsTierLabel: 'string',
  secondaryRewardsTier: 'string',
  secondaryRewardsTierLabel: 'string',
  securityAnimation: 'object',
  viewUnlockRequirement: {
    oneOf: ['VIEW_UNLOCK_REQUIREMENT_UNSPECIFIED', 'UNLOCK_NOT_REQUIRED', 'UNLOCK_REQUIRED_TO_VIEW'],
  },
  wideProgramLogo: IMAGE,
  wordMark: IMAGE,
};

export const LOYALTY_OBJECT: Fields = {
  ...SHARED,
  accountId: 'string',
  accountName: 'string',
  barcode: BARCODE,
  classId: 'string',
  classReference: 'object',
  disableExpirationNotification: 'boolean',
  groupingInfo: { fields: { groupingId: 'string', sortIndex: 'integer' } },
  hasLinkedDevice: 'boolean',
  hasUsers: 'boolean',
  linkedObjectIds: { list: 'string' },
  linkedOfferIds: { list: 'string' },
  loyaltyPoints: POINTS,
  passConstraints: 'object',
  rotatingBarcode: 'object',
  saveRestrictions: 'object',
  secondaryLoyaltyPoints: POINTS,
  smartTapRedemptionValue: 'string',
  state: { oneOf: ['STATE_UNSPECIFIED', 'ACTIVE', 'COMPLETED', 'EXPIRED', 'INACTIVE'] },
  validTimeInterval: 'object',
};

/** Paths a class, and an object, must have once a write is applied. */
export const CLASS_REQUIRED = [
  'id',
  'issuerName',
  'programName',
  'programLogo.sourceUri.uri',
  'reviewStatus',
];
export const OBJECT_REQUIRED = ['id', 'classId', 'state'];

function number(min = -Infinity, max = Infinity): Shape {
  return { number: [min, max] };
}

const INT32_MAX = 2 ** 31 - 1;

/** Everything in `body` that Google would refuse: fields it does not know, values of another type. */
export function violations(body: Record<string, unknown>, fields: Fields, path = ''): Violation[] {
  return Object.entries(body).flatMap(([name, value]) => {
    const field = path === '' ? name : `${path}.${name}`;
    const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (shape === undefined) return [{ field, description: `Unknown name "${name}": Cannot find field.` }];
    return misfits(value, shape, field);
  });
}

function misfits(value: unknown, shape: Shape, field: string): Violation[] {
  if (value === null) return []; // In a patch null means "remove".
  if (typeof shape === 'string')
    return isScalar(value, shape) ? [] : [wrong(field, value, `a JSON ${shape}`)];
  if ('number' in shape) {
    const [min, max] = shape.number;
    const inside = typeof value === 'number' && value >= min && value <= max;
    return inside ? [] : [wrong(field, value, `a number from ${min} to ${max}`)];
  }
  if ('oneOf' in shape) {
    return shape.oneOf.includes(String(value))
      ? []
      : [wrong(field, value, `one of ${shape.oneOf.join(', ')}`)];
  }
  if ('list' in shape) return listMisfits(value, shape.list, shape.max ?? Infinity, field);
  return isRecord(value) ? violations(value, shape.fields, field) : [wrong(field, value, 'a JSON object')];
}

function listMisfits(value: unknown, shape: Shape, max: number, field: string): Violation[] {
  if (!Array.isArray(value)) return [wrong(field, value, 'a JSON array')];
  if (value.length > max)
    return [{ field, description: `Has ${value.length} elements, at most ${max} are allowed.` }];
  return value.flatMap((element, index) => misfits(element, shape, `${field}[${index}]`));
}

function isScalar(value: unknown, shape: 'string' | 'boolean' | 'integer' | 'long' | 'object'): boolean {
  if (shape === 'object') return isRecord(value);
  if (shape === 'long') return Number.isInteger(value) || /^-?\d{1,19}$/.test(String(value));
  if (shape !== 'integer') return typeof value === shape;
  // Google's JSON reads a whole number from a string of digits too; its integers here are of 32 bits.
  const digits = typeof value === 'string' && /^-?\d+$/.test(value);
  return (typeof value === 'number' || digits) && Number.isInteger(+value) && Math.abs(+value) <= INT32_MAX;
}

function wrong(field: string, value: unknown, wanted: string): Violation {
  return { field, description: `Invalid value ${JSON.stringify(value)}: must be ${wanted}.` };
}

/** Each required path that `resource` has not, or has empty. */
export function missing(resource: Record<string, unknown>, required: readonly string[]): Violation[] {
  return required
    .filter((path) => isBlank(path.split('.').reduce(child, resource)))
    .map((field) => ({ field, description: `${field} is required.` }));
}

function child(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
