import { startPushService } from './apns.ts';
import { type Certificates, loadOrCreateCertificates } from './certificates.ts';
import { startGoogle } from './google.ts';
import type { ServiceAccount } from './google-token.ts';
import { startMessages } from './messages.ts';
import { answerLocal, type LocalReply, tellIssuer } from './routes.ts';
import { openStore } from './store.ts';

export { type Certificates, PASS_TYPE_IDENTIFIER, TEAM_IDENTIFIER } from './certificates.ts';
export type { ServiceAccount } from './google-token.ts';
export type { LocalReply } from './routes.ts';

export interface StandInsOptions {
  /** Certificates and `standins.db` are kept here. */
  dataDir: string;
  /** The local clock, epoch milliseconds. */
  clock: () => number;
  /** 0 or absent: any free port. */
  ports?: { apns?: number; google?: number; messages?: number };
}

export interface StandIns {
  /** `https://127.0.0.1:<port>`, trusted by `certificates.root`. */
  apnsUrl: string;
  google: { tokenUri: string; walletUrl: string; callbackKeysUrl: string; serviceAccount: ServiceAccount };
  /** Endpoint URLs for the SDK's SNS and SES v2 clients. */
  snsUrl: string;
  sesUrl: string;
  certificates: Certificates;
  /** Answers the `/local/*` routes that are the stand-ins'; undefined for every other path. */
  handle(method: string, path: string, body: string | undefined): LocalReply | undefined;
  /**
   * What a person's browser would do with an answer: whoever is sent to Google's page is taken to save the card there
   * at once, since that page is out of reach on one machine.
   * @returns what is wrong with the link, as Google's page would say it
   */
  follow(location: string): string | undefined;
  /** Answers `POST /local/google/callback`: the running system gets a callback that Google's keys signed. */
  tellIssuer(body: string): Promise<LocalReply>;
  close(): Promise<void>;
}

/** Starts everything that is outside AWS: Apple's push service, Google Wallet, text messages and e-mail. */
export async function startStandIns({ dataDir, clock, ports = {} }: StandInsOptions): Promise<StandIns> {
  const certificates = await loadOrCreateCertificates(dataDir);
  const store = openStore(dataDir);
  const { serviceAccountKey } = certificates;
  const starting = [
    startPushService({ certificates, store, clock, port: ports.apns ?? 0 }),
    startGoogle({ store, serviceAccountKey, clock, port: ports.google ?? 0 }),
    startMessages({ store, clock, port: ports.messages ?? 0 }),
  ] as const;
  const close = async () => {
    const started = (await Promise.allSettled(starting)).filter((result) => result.status === 'fulfilled');
    await Promise.all(started.map(({ value }) => value.close()));
    store.close();
  };
  try {
    const [apns, google, messages] = await Promise.all(starting);
    const { tokenUri, walletUrl, callbackKeysUrl, serviceAccount } = google;
    const inspected = {
      rootCertificate: certificates.root,
      pushes: () => store.list('push'),
      messages: () => store.list('message'),
      googleObject: google.object,
      failNextPush: apns.respond,
      failNextPushes: apns.respondInTurn,
      calmApple: apns.calm,
      failGoogle: google.fail,
      calmGoogle: google.calm,
    };
    return {
      apnsUrl: apns.url,
      google: { tokenUri, walletUrl, callbackKeysUrl, serviceAccount },
      snsUrl: messages.url,
      sesUrl: messages.url,
      certificates,
      handle: (method, path, body) => answerLocal(inspected, method, path, body),
      follow: google.save,
      tellIssuer: (body) => tellIssuer(google.tell, body),
      close,
    };
  } catch (error) {
    // One port that is taken must not leave the others listening.
    await close();
    throw error;
  }
}
