/** The CDK app as it is deployed, less what the emulator does not know (left-out.ts): the CDK CLI runs it by `--app`. */
import { join } from 'node:path';
import { CfnResource } from 'aws-cdk-lib';
import { makeApp } from '../../infra/make-app.ts';
import { isLeftOut } from './left-out.ts';

const root = join(import.meta.dirname, '../..');
const outdir = process.env['CDK_OUTDIR'] ?? join(root, 'cdk.out');
const app = makeApp({ build: join(root, '.build'), outdir });
for (const construct of app.node.findAll())
  if (CfnResource.isCfnResource(construct) && isLeftOut(construct))
    construct.node.scope?.node.tryRemoveChild(construct.node.id);
app.synth();
