import { useEffect, useState } from 'preact/hooks';
import { formatChange, formatNumber, type Speech } from '../shared/language.ts';
import { words } from '../shared/words/index.ts';

const glideMs = 900;

interface BalanceProps {
  readonly available: number;
  /** What it was before the last change. */
  readonly previous: number | null;
  readonly speech: Speech;
}

/** The number glides to a new balance, and the change stands beside it for a moment. */
export function Balance({ available, previous, speech }: BalanceProps) {
  const say = words[speech.language].card;
  const shown = useGlide(available);
  return (
    <div class="plate-balance">
      <span class="plate-number">{formatNumber(shown, speech)}</span>
      <span class="plate-unit">{say.unit(available)}</span>
      {previous !== null && (
        <span class="plate-change" key={`${previous} ${available}`} aria-hidden="true">
          {formatChange(available - previous, speech)}
        </span>
      )}
    </div>
  );
}

/** Follows `target` softly; at once for people who asked their system for less motion. */
function useGlide(target: number): number {
  const [shown, setShown] = useState(target);
  useEffect(() => {
    if (shown === target) return;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return setShown(target);
    const from = shown;
    let start: number | undefined;
    let frame = requestAnimationFrame(function step(now) {
      start ??= now;
      const part = Math.min(1, (now - start) / glideMs);
      setShown(Math.round(from + (target - from) * (1 - (1 - part) ** 3)));
      if (part < 1) frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
    // A new target starts from wherever the number is: `shown` itself must not restart the glide.
  }, [target]);
  return shown;
}
