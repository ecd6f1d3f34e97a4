/** The CDK app of what has to be in us-east-1: `npx cdk deploy --app "node infra/edge.ts"` runs it. */
import { makeFirewall } from './firewall.ts';

makeFirewall().synth();
