/** The CDK app: `npx cdk synth` runs it, and so does `node infra/app.ts`. */
import { join } from 'node:path';
import { makeApp } from './make-app.ts';

const root = join(import.meta.dirname, '..');
// The CDK CLI names its output folder by this variable; run directly, the app writes to the same default.
const outdir = process.env['CDK_OUTDIR'] ?? join(root, 'cdk.out');
makeApp({ build: join(root, '.build'), outdir }).synth();
