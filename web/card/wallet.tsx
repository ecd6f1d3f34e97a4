/**
 * The wallet buttons in the layout of the makers' own badges: black, two lines, icon on the left, their
 * wording per language. README.md says how to put the official artwork in their place.
 */
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import type { Words } from '../shared/words/index.ts';
import type { Device } from './device.ts';

interface WalletProps {
  readonly wallet: CardAnswer['wallet'];
  readonly device: Device;
  readonly say: Words['card'];
}

/** A button for each wallet that is configured; none where none is. */
export function WalletBadges({ wallet, device, say }: WalletProps) {
  const { appleUrl, googleUrl, samsungUrl } = wallet;
  const apple = appleUrl !== undefined && (
    <li key="apple">
      <a class="badge badge-apple" href={appleUrl}>
        <AppleArt />
        <BadgeText {...say.apple} />
      </a>
    </li>
  );
  const google = googleUrl !== undefined && (
    <li key="google">
      <a class="badge badge-google" href={googleUrl}>
        <GoogleArt />
        <BadgeText {...say.google} />
      </a>
    </li>
  );
  // No iPhone has it.
  const samsung = samsungUrl !== undefined && device !== 'iphone' && (
    <li key="samsung">
      <a class="badge badge-samsung" href={samsungUrl}>
        <SamsungArt />
        <BadgeText {...say.samsung} />
      </a>
    </li>
  );
  const offered = [apple, google, samsung].filter((one) => one !== false);
  if (offered.length === 0) return null;
  return <ul class="badges">{device === 'android' ? [google, samsung, apple] : offered}</ul>;
}

/** The space between the two lines is for those who hear the badge as one phrase. */
function BadgeText({ lead, name }: { readonly lead: string; readonly name: string }) {
  return (
    <span class="badge-text">
      <span class="badge-lead">{lead} </span>
      <span class="badge-name">{name}</span>
    </span>
  );
}

/** Cards in a pocket. */
function AppleArt() {
  return (
    <svg class="badge-art" viewBox="0 0 40 32" aria-hidden="true">
      <rect width="40" height="32" rx="5" fill="#e9e6df" />
      <path d="M3 8a3 3 0 0 1 3-3h28a3 3 0 0 1 3 3v6H3z" fill="#3f9fd8" />
      <path d="M3 12a3 3 0 0 1 3-3h28a3 3 0 0 1 3 3v6H3z" fill="#f3b73e" />
      <path d="M3 16a3 3 0 0 1 3-3h28a3 3 0 0 1 3 3v6H3z" fill="#4fae6a" />
      <path d="M3 20a3 3 0 0 1 3-3h28a3 3 0 0 1 3 3v6H3z" fill="#e2604f" />
      <path
        d="M0 21h12.5c1.8 0 2.6 1 3.200 2.100.8 1.500 2.300 2.500 4.300 2.500s3.500-1 4.300-2.500c.6-1.100 1.400-2.100 3.200-2.100H40v6a5 5 0 0 1-5 5H5a5 5 0 0 1-5-5z"
        fill="#e9e6df"
      />
    </svg>
  );
}

/** A folded wallet in four colours. */
function GoogleArt() {
  return (
    <svg class="badge-art" viewBox="0 0 40 32" aria-hidden="true">
      <rect x="3" width="34" height="20" rx="5" fill="#3ba55d" />
      <rect x="3" y="5" width="34" height="20" rx="5" fill="#f5b921" />
      <rect x="3" y="10" width="34" height="20" rx="5" fill="#e5503f" />
      <path
        d="M0 17c0-1.6 1.5-2.5 3-2 8 2.600 13 5.500 18 5.500S32 18.500 37 15.500c1.400-.8 3 0 3 1.500v10a5 5 0 0 1-5 5H5a5 5 0 0 1-5-5z"
        fill="#4a82ec"
      />
    </svg>
  );
}

/** Two cards, one before the other. */
function SamsungArt() {
  return (
    <svg class="badge-art" viewBox="0 0 40 32" aria-hidden="true">
      <rect x="2" y="2" width="30" height="20" rx="4" fill="#7fa6f5" />
      <rect x="8" y="9" width="30" height="20" rx="4" fill="#2f5fe3" />
      <rect x="8" y="14" width="30" height="4" fill="#1b3a96" />
    </svg>
  );
}
