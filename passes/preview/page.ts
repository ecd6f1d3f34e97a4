/** Both wallets on one page that needs nothing beside it: no script, no font, no picture, no network. */
import type { CardView } from '../../core/card.ts';
import { styleOf } from '../wording.ts';
import type { Previews } from './previews.ts';
import { escaped, type Picture } from './svg.ts';

const css = `
body { margin: 0; padding: 48px 24px 72px; background: #ececee; color: #1c1c1e;
  font: 16px/1.5 Inter, system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
header, main { max-width: 1240px; margin: 0 auto; }
h1 { margin: 0; font-size: 26px; font-weight: 600; letter-spacing: -0.01em; overflow-wrap: anywhere; }
header p { margin: 4px 0 0; color: #5c5c61; overflow-wrap: anywhere; }
main { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 40px 32px; margin-top: 40px; }
figure { margin: 0; }
figcaption { margin-bottom: 14px; font-weight: 600; }
svg { display: block; max-width: 100%; height: auto; overflow: visible;
  filter: drop-shadow(0 1px 2px rgb(0 0 0 / 12%)) drop-shadow(0 14px 30px rgb(0 0 0 / 14%)); }
`;

export function previewPage(view: CardView, { apple, appleBack, google }: Previews): string {
  const facts = [
    view.name ?? view.cardNumber ?? 'A card without a holder',
    view.tier.name,
    view.locale,
    `version ${view.version}`,
    ...(view.status === 'closed' ? ['closed'] : []),
  ];
  return `<!doctype html>
<html lang="${escaped(styleOf(view.locale).language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(view.programName)} – card preview</title>
<style>${css}</style>
</head>
<body>
<header>
<h1>${escaped(view.programName)}</h1>
<p>${escaped(facts.join(' · '))}</p>
</header>
<main>
${figure('Apple Wallet', apple, 'apple')}
${figure('Google Wallet', google, 'google')}
${figure('Apple Wallet, back', appleBack, 'apple-back')}
</main>
</body>
</html>
`;
}

function figure(caption: string, { svg }: Picture, name: string): string {
  return `<figure>\n<figcaption>${caption}</figcaption>\n${withOwnIds(svg, name)}\n</figure>`;
}

/** On one page, ids of one picture must not be those of another. Text cannot hold these forms: its quotes are escaped. */
function withOwnIds(svg: string, name: string): string {
  return svg.replace(/ id="(\w+)"/g, ` id="${name}-$1"`).replace(/"url\(#(\w+)\)"/g, `"url(#${name}-$1)"`);
}
