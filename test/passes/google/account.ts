/** A service account of Google for tests, and a Google that answers as a test says. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type GoogleCredentials, parseGoogleCredentials } from '../../../passes/google/index.ts';

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const publicKey: KeyObject = keys.publicKey;

export const secret = {
  issuerId: '3388000000012345678',
  serviceAccount: {
    type: 'service_account',
    client_email: 'wallet@philia-test.iam.gserviceaccount.com',
    private_key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    token_uri: 'https://token.test/token',
  },
  walletUrl: 'https://wallet.test',
};

export function credentialsOf(changed: object = {}): GoogleCredentials {
  const parsed = parseGoogleCredentials({ ...secret, ...changed });
  if (!parsed || 'problem' in parsed) throw new Error(parsed?.problem);
  return parsed;
}

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | null;
  readonly body: string;
}

/** Google's form of an error. */
export function failure(status: number, reason: string, headers: Record<string, string> = {}): Response {
  const error = { code: status, message: `Because of ${reason}.`, errors: [{ reason }] };
  return Response.json({ error }, { status, headers });
}

/**
 * Stands in for `fetch`: counts out tokens at the token endpoint, and gives each request to the API the next
 * of the answers; `hang` never answers. Without an answer left it fails, so that no request goes unnoticed.
 */
export function scriptedGoogle(...answers: (Response | 'hang')[]) {
  const requests: Request[] = [];
  const assertions: string[] = [];
  let tokenAnswer = (): Response =>
    Response.json({ access_token: `token-${assertions.length}`, expires_in: 3600, token_type: 'Bearer' });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new globalThis.Request(input, init);
    const body = await request.text();
    if (request.url === secret.serviceAccount.token_uri) {
      assertions.push(new URLSearchParams(body).get('assertion') ?? '');
      return tokenAnswer();
    }
    const authorization = request.headers.get('authorization');
    requests.push({ method: request.method, url: request.url, authorization, body });
    const answer = answers.shift();
    if (!answer) throw new TypeError(`No answer was prepared for ${request.method} ${request.url}.`);
    if (answer !== 'hang') return answer;
    // The caller's own signal: the one that a Request derives is forgotten once nothing else holds it.
    const { signal } = init ?? {};
    return new Promise<Response>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason));
    });
  };
  return {
    fetch,
    requests,
    assertions,
    answerTokens: (answer: () => Response) => {
      tokenAnswer = answer;
    },
  };
}
