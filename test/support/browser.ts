/** A headless Chromium for tests: the build that npm brings along, unpacked into the temp folder. */
import packaged from '@sparticuz/chromium';
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

/** The caller closes it. */
export async function openBrowser(): Promise<Browser> {
  packaged.setGraphicsMode = false;
  return await chromium.launch({
    executablePath: await packaged.executablePath(),
    args: [...packaged.args.filter((argument) => !forLambda.includes(argument)), ...quiet],
  });
}
