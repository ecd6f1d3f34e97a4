/** Samsung Wallet: the link that adds a card, the card as Samsung fetches it, and word that it changed. */
export { type LoyaltyCardInput, loyaltyCard, type SamsungCard } from './card.ts';
export { createSamsungClient, type SamsungClientOptions, type TellOutcome, type Update } from './client.ts';
export { parseSamsungCredentials, type SamsungCredentials } from './credentials.ts';
export { type Authorized, addLink, cardData, checkAuthorization } from './tokens.ts';
