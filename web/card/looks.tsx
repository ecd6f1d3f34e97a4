/** The card as Apple's and Google's wallets will show it, for who wants to see before adding it. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import type { Words } from '../shared/words/index.ts';

interface LooksProps {
  readonly card: CardAnswer;
  readonly say: Words['card'];
}

type Draw = (card: CardAnswer) => ReturnType<typeof import('./drawing.ts').draw>;

async function loadDraw(): Promise<Draw> {
  const { draw, loadLogos } = await import('./drawing.ts');
  const logos = await loadLogos();
  return (card) => draw(card, logos);
}

/** Closed until somebody asks: what draws comes in a file of its own, and only then. */
export function Looks({ card, say }: LooksProps) {
  const [isOpen, setOpen] = useState(false);
  const [drawing, setDrawing] = useState<{ readonly draw: Draw } | null>(null);
  useEffect(() => {
    if (isOpen) void loadDraw().then((draw) => setDrawing({ draw }));
  }, [isOpen]);
  const pictures = useMemo(() => (isOpen && drawing ? drawing.draw(card) : []), [isOpen, drawing, card]);
  return (
    <details class="looks" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{say.looks}</summary>
      <div class="looks-pair">
        {pictures.map(({ wallet, address, width, height }) => (
          <figure key={wallet}>
            <figcaption class="soft">{say[wallet].name}</figcaption>
            <img src={address} width={width} height={height} alt={say.looksIn(say[wallet].name)} />
          </figure>
        ))}
      </div>
    </details>
  );
}
