/** The card page, at `/card/<token>`: the same file is served for every token. */
import '../shared/base.css';
import './card.css';
import { render } from 'preact';
import { loadBrand, wear } from '../shared/brand.ts';
import { CardPage } from './page.tsx';

/** The last segment of the address, if it has the form of a token at all: others need no request to be unknown. */
function tokenIn(path: string): string | null {
  const last = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return /^[A-Za-z0-9_-]{22,64}$/.test(last) ? last : null;
}

const brand = await loadBrand();
wear(brand);
render(
  <CardPage token={tokenIn(location.pathname)} brand={brand} />,
  document.querySelector('#app') as HTMLElement,
);
