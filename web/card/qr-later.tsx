import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type QrProps = { readonly text: string; readonly label: string };

/** A QR code whose encoder comes in a file of its own, when one is shown: most phones never load it. */
export function Qr(props: QrProps) {
  const [Code, setCode] = useState<{ readonly of: ComponentType<QrProps> } | null>(null);
  useEffect(() => {
    void import('./qr.tsx').then((module) => setCode({ of: module.default }));
  }, []);
  return <div class="qr-tile">{Code && <Code.of {...props} />}</div>;
}
