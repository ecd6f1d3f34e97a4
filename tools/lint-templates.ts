/** `npm run lint:templates`: cfn-lint over every template, of both stages and of the firewall. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFirewall } from '../infra/firewall.ts';
import { makeApp } from '../infra/make-app.ts';
import { venv } from './venv.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'philia-templates-'));
const out = (name: string) => join(folder, name);
try {
  makeApp({ build: join(root, '.build'), outdir: out('dev') }).synth();
  const webAcl = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/philia-prod-firewall/0000';
  const certificate = 'arn:aws:acm:us-east-1:111111111111:certificate/0000';
  const context = { stage: 'prod', webAcl, domain: 'card.example.com', certificate };
  makeApp({ build: join(root, '.build'), outdir: out('prod'), context }).synth();
  makeFirewall({ outdir: out('firewall'), context: { stage: 'prod' } }).synth();
  const templates = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.template.json'),
  );
  const paths = templates.map((name) => join(folder, name));
  const { status, error } = spawnSync(
    join(venv, 'bin/cfn-lint'),
    ['--regions', 'eu-west-1', '--', ...paths],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  if (error) throw error;
  console.log(`cfn-lint: ${templates.length} templates, ${status === 0 ? 'no finding' : 'findings'}.`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
