/** A headless Chromium for tests: the build that npm brings along, unpacked into the temp folder. */
import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

/** Nothing that the browser would do on its own account reaches for the network. */
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** What the package sets for Lambda's sake: one process for all pages, and no same-origin policy. */
const forLambda = [
  '--single-process',
  '--no-zygote',
  '--disable-web-security',
  '--allow-running-insecure-content',
];

/**
 * The package carries the libraries that Chromium wants and a bare machine lacks, but unpacks them only where
 * it believes to be in Lambda. It decides when it is loaded, so the question comes first.
 */
async function packagedChromium() {
  const libraries = spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? '';
  if (!libraries.includes('libnss3.so')) process.env['AWS_EXECUTION_ENV'] ??= 'AWS_Lambda_nodejs24.x';
  return (await import('@sparticuz/chromium')).default;
}

/** The caller closes it. */
export async function openBrowser(): Promise<Browser> {
  const packaged = await packagedChromium();
  packaged.setGraphicsMode = false;
  return await chromium.launch({
    executablePath: await packaged.executablePath(),
    args: [...packaged.args.filter((argument) => !forLambda.includes(argument)), ...quiet],
  });
}
