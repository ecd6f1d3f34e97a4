/**
 * The pages that problem types lead to, made from the registry of errors: one for each code at `/errors/<code>`, and
 * `/errors` with all of them and what every caller should know of limits and retries.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ErrorCode, type ErrorKind, errors } from '../core/contract/errors.ts';
import { clientHeader, type Route, routes } from '../core/contract/routes.ts';
import { codesOf } from './openapi.ts';

const codes = Object.keys(errors) as ErrorCode[];

/** Text of ours as HTML; what stands in backquotes is code. */
function html(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replace(/`([^`]+)`/g, '<code>$1</code>');
}

export const retryWords: Readonly<Record<ErrorKind['retry'], string>> = {
  no: 'No: the same request is answered the same. Change it first.',
  later:
    'Yes, later: wait for the seconds of `Retry-After`, then send the same request, with the same `Idempotency-Key` or id.',
  now: 'Yes, at once, a few times at most.',
};

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<link rel="stylesheet" href="/errors/errors.css">
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** What a code means, in a definition list; the same on its own page and among all. */
function described(code: ErrorCode): string {
  const { status, meaning, retry, remedy } = errors[code];
  const asked = (Object.values(routes) as Route[]).filter((route) => codesOf(route).includes(code));
  const where =
    asked.length > 12
      ? `${asked.length} of the ${Object.keys(routes).length} operations`
      : asked.map(({ method, path }) => `\`${method} ${path}\``).join(', ') || 'Any path';
  return `<dl>
<dt>Status</dt><dd>${status}</dd>
<dt>What it means</dt><dd>${html(meaning)}</dd>
<dt>Does a retry help?</dt><dd>${html(retryWords[retry])}</dd>
<dt>What to do</dt><dd>${html(remedy)}</dd>
<dt>Where it comes from</dt><dd>${html(where)}</dd>
</dl>`;
}

function codePage(code: ErrorCode): string {
  const body = `<p><a href="/errors">All errors</a></p>
<h1><code>${code}</code></h1>
<p>${html(errors[code].title)}.</p>
${described(code)}
<p>Limits and retries are described <a href="/errors#limits">with all errors</a>; every operation is in <a href="/openapi.json">the OpenAPI document</a>.</p>`;
  return page(`${code}: ${errors[code].title}`, body);
}

const general: readonly (readonly [id: string, title: string, paragraphs: readonly string[]])[] = [
  [
    'problems',
    'What an error looks like',
    [
      'Every answer from 400 on is `application/problem+json` (RFC 9457): `type` is the address of a page like these, `code` one of the codes below, `detail` what was wrong this time, `errors` the fields that were, and `requestId` what to name when you ask about it. Decide by `code`; the sentences may change.',
    ],
  ],
  [
    'limits',
    'Limits',
    [
      'All callers together have 1,000 requests a second, with bursts of 2,000. These operations have a limit of their own:',
      ...(Object.values(routes) as Route[]).flatMap(({ method, path, throttle }) =>
        throttle ? [`\`${method} ${path}\`: ${throttle.rate} a second, bursts of ${throttle.burst}.`] : [],
      ),
      `Wrong voucher codes, wrong referral codes and wrong totals of claims are counted, each for themselves: ten in 15 minutes stop whoever \`${clientHeader}\` names for 15 minutes, or the member that is claimed for. Without the header wrong codes are counted for your key, and right ones are still taken.`,
      'A body has at most 256 KiB, a list 100 items a page, a batch 100 purchases.',
    ],
  ],
  [
    'retries',
    'Retries',
    [
      'What came without an answer, or with one of the codes that say so, may be sent again. Wait for the seconds of `Retry-After`, or one second where it is missing; double the wait with each attempt, add a random part to it, and stop after some five.',
      'A repeat has its effect once where it carries what the first one did: the purchase or refund its own id, every other change its `Idempotency-Key`. The answer to the first request comes again, a refusal too, with `Idempotency-Replayed: true`; other content under the same key is `idempotency_mismatch`. Answers are kept for 30 days. What may pass by itself is not kept, so the same key can be sent again afterwards.',
    ],
  ],
];

function allPage(): string {
  const sections = general.map(
    ([id, title, paragraphs]) =>
      `<h2 id="${id}">${html(title)}</h2>\n${paragraphs.map((one) => `<p>${html(one)}</p>`).join('\n')}`,
  );
  const each = codes.map(
    (code) =>
      `<h3 id="${code}"><a href="/errors/${code}"><code>${code}</code></a></h3>\n<p>${html(errors[code].title)}.</p>\n${described(code)}`,
  );
  const body = `<h1>Errors, limits and retries</h1>\n${sections.join('\n')}\n<h2 id="codes">Codes</h2>\n${each.join('\n')}`;
  return page('Errors, limits and retries', body);
}

const stylesheet = `:root { color-scheme: light dark; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 42rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { margin-top: 2.5rem; }
h3 { margin: 2rem 0 0; }
dt { font-weight: 600; margin-top: 0.75rem; }
dd { margin: 0; }
`;

/** The files below the site's folder: path -> text. */
export function errorPages(): Record<string, string> {
  return {
    'errors/index.html': allPage(),
    'errors/errors.css': stylesheet,
    ...Object.fromEntries(codes.map((code) => [`errors/${code}/index.html`, codePage(code)])),
  };
}

export async function writeErrorPages(outdir: string): Promise<void> {
  for (const [path, text] of Object.entries(errorPages())) {
    await mkdir(join(outdir, path, '..'), { recursive: true });
    await writeFile(join(outdir, path), text);
  }
}
