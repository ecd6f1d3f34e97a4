import { createHash } from 'node:crypto';
import { type CallbackSigner, createCallbackSigner } from './google-callback.ts';
import { badRequest, notFound, unauthenticated, unparsable } from './google-errors.ts';
import { createFaults, type Fault, type Faults } from './google-faults.ts';
import { isRecord } from './google-fields.ts';
import {
  addMessage,
  type Body,
  insert,
  OBJECT,
  patch,
  RESOURCE_TYPES,
  type ResourceType,
  update,
  type Wallet,
} from './google-resources.ts';
import { createTokenEndpoint, type ServiceAccount, type TokenEndpoint } from './google-token.ts';
import { type Incoming, json, type Reply, type RunningServer, serveHttp } from './http.ts';
import type { Resource, Store } from './store.ts';

/** Google gives issuers numbers of this length; no real issuer has this one. */
const ISSUER_ID = '3388000000000000000';

export interface GoogleWallet extends RunningServer {
  /** Where a service account trades its assertion for a token. */
  tokenUri: string;
  /** The API's root, under which `/walletobjects/v1/…` lies. */
  walletUrl: string;
  serviceAccount: ServiceAccount;
  /** The list of root keys that callbacks go back to. */
  callbackKeysUrl: string;
  /** Signs callbacks as Google does. */
  callbacks: CallbackSigner;
  /**
   * Does what Google does when somebody uses a link that saves cards: makes the objects that it holds and that are
   * not there, of what it says of them. No callback comes with it: `tell` sends one.
   * @returns what Google's page would say is wrong with the link; undefined when nothing is, and for a link of
   *   another account, which is Google's own business
   */
  save(link: string): string | undefined;
  /** A loyalty object as Google holds it. */
  object(id: string): Resource | undefined;
  /** Makes a coming request to the API fail: one request for each call, in order. */
  fail(fault: Fault): void;
  /** Forgets every fault that no request has met. */
  calm(): void;
  /**
   * Does what Google does when a holder saves an object or deletes it: posts a signed callback to the address
   * that the object's class names.
   * @returns the issuer's answer; undefined when there is no such object, or its class names no address
   */
  tell(objectId: string, eventType: 'save' | 'del'): Promise<{ url: string; status: number } | undefined>;
}

export interface GoogleOptions {
  store: Store;
  /** PEM (PKCS#8) of the service account's RSA key. */
  serviceAccountKey: string;
  /** Epoch milliseconds, for tokens and the quota of notices. */
  clock: () => number;
  port: number;
}

/**
 * Google's token endpoint and the loyalty part of its Wallet API, version 1, on one plain HTTP server.
 * What a phone would do has no counterpart here but for the callback of a card saved or deleted.
 */
export async function startGoogle(options: GoogleOptions): Promise<GoogleWallet> {
  const { store, clock } = options;
  const wallet: Wallet = { store, clock, issuerId: ISSUER_ID };
  const faults = createFaults();
  const callbacks = createCallbackSigner(ISSUER_ID, clock);
  // The account names the endpoint's address, which is known only once the server listens.
  let tokens: TokenEndpoint | undefined;
  const server = await serveHttp(options.port, (request) => {
    if (!tokens) throw new Error('A request came before the server was ready.');
    return route({ wallet, tokens, faults, callbacks }, request);
  });
  const serviceAccount = createServiceAccount(options.serviceAccountKey, `${server.url}/token`);
  const endpoint = createTokenEndpoint(serviceAccount, clock);
  tokens = endpoint;
  return {
    ...server,
    tokenUri: serviceAccount.token_uri,
    walletUrl: server.url,
    serviceAccount,
    callbackKeysUrl: `${server.url}/${KEYS_PATH}`,
    callbacks,
    save: (link) => saveFrom(wallet, endpoint, link),
    object: (id) => store.get('loyaltyObject', id),
    fail: faults.add,
    calm: faults.calm,
    tell: (objectId, eventType) => tell(store, callbacks, objectId, eventType),
  };
}

function createServiceAccount(privateKey: string, tokenUri: string): ServiceAccount {
  return {
    type: 'service_account',
    project_id: 'philia-local',
    private_key_id: createHash('sha256').update(privateKey).digest('hex').slice(0, 40),
    private_key: privateKey,
    client_email: 'wallet@philia-local.iam.gserviceaccount.com',
    client_id: '100000000000000000000',
    token_uri: tokenUri,
    universe_domain: 'googleapis.com',
    issuerId: ISSUER_ID,
  };
}

const KEYS_PATH = 'gp/m/issuer/keys';

async function tell(
  store: Store,
  callbacks: CallbackSigner,
  objectId: string,
  eventType: 'save' | 'del',
): Promise<{ url: string; status: number } | undefined> {
  const classId = String(store.get('loyaltyObject', objectId)?.['classId']);
  const options = store.get('loyaltyClass', classId)?.['callbackOptions'];
  const url = isRecord(options) ? options['url'] : undefined;
  if (typeof url !== 'string') return undefined;
  const body = JSON.stringify(callbacks.sign({ classId, objectId, eventType }));
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body });
  await response.text();
  return { url, status: response.status };
}

export const SAVE_PAGE = 'https://pay.google.com/gp/v/save/';

/** Source: Google Wallet, JSON Web Tokens for passes: `aud`, `typ`, and objects that are made unless they exist. */
function saveFrom(wallet: Wallet, tokens: TokenEndpoint, link: string): string | undefined {
  const claims = link.startsWith(SAVE_PAGE) ? tokens.claims(link.slice(SAVE_PAGE.length)) : undefined;
  if (!claims) return undefined;
  if (claims['aud'] !== 'google' || claims['typ'] !== 'savetowallet')
    return `A token with aud ${claims['aud']} and typ ${claims['typ']} does not save cards.`;
  const { payload } = claims;
  const objects = isRecord(payload) ? payload['loyaltyObjects'] : undefined;
  if (!Array.isArray(objects) || objects.length === 0) return 'The link holds no loyalty object.';
  for (const object of objects as Body[]) {
    const { status, body } = insert(wallet, OBJECT, object);
    if (status !== 200 && status !== 409) return String(body);
  }
  return undefined;
}

interface Parts {
  wallet: Wallet;
  tokens: TokenEndpoint;
  faults: Faults;
  callbacks: CallbackSigner;
}

function route({ wallet, tokens, faults, callbacks }: Parts, request: Incoming): Reply {
  const { method, segments } = request;
  if (method === 'POST' && segments.join('/') === 'token') return tokens.answer(request);
  if (method === 'GET' && segments.join('/') === KEYS_PATH) return callbacks.keys();
  return faults.meet(() => api(wallet, tokens, request));
}

function api(wallet: Wallet, tokens: TokenEndpoint, request: Incoming): Reply {
  const { method, segments } = request;
  const [name, version, collection, id, action] = segments;
  const type = RESOURCE_TYPES.get(collection);
  if (name !== 'walletobjects' || version !== 'v1' || !type || segments.length > 5)
    return noSuchMethod(request);
  if (!tokens.accepts(request.headers.authorization)) return unauthenticated();
  if (method === 'GET' && action === undefined) return read(wallet, type, id, request.query);
  const body = parse(request.body);
  if (!body) return unparsable();
  switch (`${method} ${segments.length}`) {
    case 'POST 3':
      return insert(wallet, type, body);
    case 'PUT 4':
      return update(wallet, type, id ?? '', body);
    case 'PATCH 4':
      return patch(wallet, type, id ?? '', body);
    case 'POST 5':
      return type.kind === 'loyaltyObject' && action === 'addMessage'
        ? addMessage(wallet, id ?? '', body)
        : noSuchMethod(request);
    default:
      return noSuchMethod(request);
  }
}

function read({ store }: Wallet, type: ResourceType, id: string | undefined, query: URLSearchParams): Reply {
  if (id !== undefined) {
    const resource = store.get(type.kind, id);
    return resource ? json(200, resource) : notFound(`${type.kind} "${id}"`);
  }
  const owner = query.get(type.listedBy);
  if (!owner) return badRequest([{ field: type.listedBy, description: `${type.listedBy} is required.` }]);
  const resources = store.list(type.kind).filter((resource) => type.isListed(resource, owner));
  return json(200, { resources, pagination: { resultsPerPage: resources.length } });
}

function parse(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // Answered as 400 parseError.
  }
}

function noSuchMethod({ method, segments }: Incoming): Reply {
  return notFound(`A method for ${method} /${segments.join('/')}`);
}
