import type { MemberId } from '../../core/contract/ids.ts';
import { expiringShownMax } from '../wording.ts';
import type { Card } from './card.ts';

const lot = { points: 1, at: '2027-01-01T00:00:00Z' };

/** A card in which every optional part is there, so that passkit-generator gets to see every kind of field. */
export const sampleCard: Card = {
  view: {
    memberId: 'mem_00000000000000000000000000' as MemberId,
    version: 1,
    modifiedAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    programName: 'Programme',
    programVersion: 1,
    timeZone: 'UTC',
    name: 'Holder',
    locale: 'en',
    cardNumber: '2900000000001',
    balance: { available: 1, pending: 1, held: 1, debt: 1 },
    tier: {
      id: 'tier',
      name: 'Tier',
      qualifyingPoints: 0,
      nextTier: { id: 'next', name: 'Next', pointsMissing: 1 },
      validUntil: lot.at,
    },
    expiring: Array.from({ length: expiringShownMax + 1 }, () => lot),
    stamps: [{ id: 'stamp', name: 'Stamp', count: 1, of: 2 }],
    vouchers: [{ code: '0123456789AB0', name: 'Voucher', type: 'gift', expiresAt: null }],
    status: 'active',
    lastChange: { type: 'earned', cause: 'purchase', points: 1, pending: 1, store: 'Store' },
    colours: { background: '#000000', foreground: '#ffffff', label: '#ffffff' },
    stores: [{ id: 'store', name: 'Store', latitude: 1.5, longitude: -1.5 }],
    beacons: [
      {
        proximityUUID: '00000000-0000-4000-8000-000000000000',
        major: 1,
        minor: 1,
        relevantText: 'Beacon',
      },
    ],
    nfc: { encryptionPublicKey: 'MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgAC' },
    supportUrl: 'https://example.com/help',
    barcodes: null,
    texts: [],
  },
  links: {
    cardUrl: 'https://example.com/card',
    appleUrl: 'https://example.com/apple',
    googleUrl: 'https://example.com/google',
  },
  webServiceUrl: 'https://example.com/apple',
  authenticationToken: '0123456789abcdef',
  organizationName: 'Organization',
};
