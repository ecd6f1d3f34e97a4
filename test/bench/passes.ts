/**
 * `npm run bench:passes`: how many passes one second of processor time makes, from a card's account to the
 * bytes of the `.pkpass`. Three candidates take turns, so that whatever else the machine does meets all of
 * them alike: passkit-generator with a template that it reuses, ours, and the RSA signature alone, without
 * which nobody signs anything. Images of 40 KB, six languages, RSA-2048, one thread, and every card is new;
 * its strip was mostly drawn before, for another card in the same state. What a new strip costs comes last.
 */
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { parseArgs } from 'node:util';
import { PKPass } from 'passkit-generator';
import { type CardLinks, type CardView, lastChangeOf, viewCard } from '../../core/card.ts';
import { enrol, getMember, listEntries, recordPurchase } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { PASS_TYPE_IDENTIFIER, TEAM_IDENTIFIER } from '../../local/standins/certificates.ts';
import { issueCertificates } from '../../local/standins/issue.ts';
import { cardProperties } from '../../passes/apple/card.ts';
import { createPassBuilder, parseAppleCredentials } from '../../passes/apple/index.ts';
import { translated } from '../../passes/apple/strings.ts';
import { drawStrips } from '../../passes/apple/strips.ts';
import { brandImages, createTemplate } from '../../passes/apple/template.ts';
import { languages } from '../../passes/labels.ts';
import { loadRasterizer } from '../../passes/strip/raster.ts';
import { stateOf } from '../../passes/strip/state.ts';
import { aPurchase, defaultProgram, noon, testContext } from '../support/world.ts';

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '20' }, passes: { type: 'string', default: '500' } },
});
/** The goal that the project has set itself: ours as a share of the bare signature. */
const goal = 0.7;

const program = defaultProgram();
const certificates = await issueCertificates();
const credentials = (() => {
  const { passCertificate: certificate, passKey: privateKey, wwdr } = certificates;
  const ids = { passTypeIdentifier: PASS_TYPE_IDENTIFIER, teamIdentifier: TEAM_IDENTIFIER };
  const parsed = parseAppleCredentials({ ...ids, certificate, privateKey, wwdr }, noon);
  if (!parsed || 'problem' in parsed) throw new Error(parsed?.problem);
  return parsed;
})();

/**
 * Cards of members who speak six languages and have bought something, as a function that views them anew.
 * They are spread over all tiers and all counts of the stamp card.
 */
async function makeCards(): Promise<((version: number) => CardView)[]> {
  const ledger = testContext(createMemoryStore());
  const locales = ['en-GB', 'fr-FR', 'de-DE', 'es-ES', 'nl-NL', 'it-IT'];
  return Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const locale = locales[index % locales.length] as string;
      const enrolled = await enrol(ledger, program, { name: `Member ${index}`, locale }, noon);
      if (enrolled.type !== 'enrolled') throw new Error('The ledger is not empty.');
      const { memberId } = enrolled.member.account;
      for (const [at, amount] of [4000 * index, 2000].entries()) {
        const channel = at === 1 && index % 2 ? 'web' : 'store';
        const purchase = aPurchase([amount], { member: { memberId }, channel });
        const coffee = {
          id: 'coffee',
          sku: 'ESP-250',
          category: 'coffee',
          amountMinor: 0,
          quantity: index % 5,
        };
        const lines = at === 0 && index % 5 > 0 ? [...purchase.lines, coffee] : purchase.lines;
        await recordPurchase(ledger, program, { ...purchase, lines }, noon);
      }
      const member = await getMember(ledger, memberId);
      const [newest] = await listEntries(ledger, memberId, { limit: 1 });
      if (!member || !newest) throw new Error('The member is gone.');
      const { account, profile } = member;
      return (version: number) =>
        viewCard(program, { ...account, version }, profile, [], lastChangeOf(program, newest));
    }),
  );
}

const cards = await makeCards();
const links: CardLinks = {
  cardUrl: 'https://card.example/card/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  appleUrl: 'https://card.example/v1/cards/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/apple',
  googleUrl: 'https://card.example/v1/cards/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/google',
};
let version = 0;

/** What the next pass is made of: every one is a new version, so that nothing can be known from before. */
function nextContent() {
  version++;
  const view = cards[version % cards.length]?.(version);
  if (!view) throw new Error('There are no cards.');
  return {
    view,
    links,
    webServiceUrl: 'https://card.example/apple',
    authenticationToken: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  };
}

const draw = await loadRasterizer();
const [anyView] = cards.map((view) => view(0));
if (!anyView) throw new Error('There are no cards.');
/** The library's passes all show one strip. */
const images = [...brandImages, ...drawStrips(draw, stateOf(anyView))];

const libraryTemplate = new PKPass(
  {
    ...Object.fromEntries(images.map(({ name, bytes }) => [name, bytes])),
    'pass.json': Buffer.from(
      JSON.stringify({ ...createTemplate(credentials, brandImages).pass, storeCard: {} }),
    ),
  },
  { signerCert: certificates.passCertificate, signerKey: certificates.passKey, wwdr: certificates.wwdr },
);
const translations = languages.map(
  (language) => [language, Object.fromEntries(translated.map((text) => [text.en, text[language]]))] as const,
);

/** The library's own way: its template is cloned and filled in. A clone has lost its translations. */
async function byLibrary(): Promise<Buffer> {
  const card = cardProperties({ ...nextContent(), organizationName: 'Maison' });
  const { storeCard, barcodes, ...properties } = card;
  const pass = await PKPass.from(libraryTemplate, properties);
  pass.setBarcodes(...(barcodes as Parameters<typeof pass.setBarcodes>));
  for (const [name, fields] of Object.entries(storeCard))
    pass[name as keyof typeof storeCard].push(...(fields as never[]));
  for (const [language, texts] of translations) pass.localize(language, texts);
  return pass.getAsBuffer();
}

const builder = createPassBuilder(credentials, draw);
const key = createPrivateKey(certificates.passKey);
/** As long as the signed attributes of a pass. */
const attributes = randomBytes(107);

interface Candidate {
  readonly name: string;
  readonly passes: number;
  make(): Promise<Buffer> | Buffer;
}

const passes = Number(options.passes);
const candidates: readonly Candidate[] = [
  { name: 'passkit-generator', passes: Math.ceil(passes / 50), make: byLibrary },
  { name: 'Philia', passes, make: () => builder.build(nextContent(), noon) },
  { name: 'RSA-2048 alone', passes, make: () => sign('sha256', attributes, key) },
];

/** Passes per second of processor time, of every thread of this process. */
async function rateOf({ passes, make }: Candidate): Promise<number> {
  const start = process.cpuUsage();
  for (let made = 0; made < passes; made++) await make();
  const { user, system } = process.cpuUsage(start);
  return (passes * 1e6) / (user + system);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

for (const candidate of candidates) await rateOf(candidate);
const rates: number[][] = candidates.map(() => []);
for (let round = 0; round < Number(options.rounds); round++)
  for (const [index, candidate] of candidates.entries()) rates[index]?.push(await rateOf(candidate));

const last = rates.at(-1) ?? [];
console.log('                     passes/CPU-s   of bare RSA   bytes of one');
for (const [index, { name, make }] of candidates.entries()) {
  const own = rates[index] ?? [];
  // The share is the median over the rounds, in each of which both ran next to one another.
  const share = median(own.map((rate, round) => rate / (last[round] ?? 1)));
  const { length } = await make();
  console.log(
    `${name.padEnd(20)} ${median(own).toFixed(0).padStart(12)}   ${`${(share * 100).toFixed(1)} %`.padStart(11)}   ${String(length).padStart(12)}`,
  );
}
console.log(`The goal is ${goal * 100} % of bare RSA.`);

/** Every state of the cards, drawn anew. */
const states = new Map(cards.map((view) => [JSON.stringify(stateOf(view(0))), stateOf(view(0))]));
const start = process.cpuUsage();
const pictures = [...states.values()].map((state) => drawStrips(draw, state));
const { user, system } = process.cpuUsage(start);
const signatures = (((user + system) / 1e6) * median(rates.at(-1) ?? [])) / states.size;
const kilobytes = pictures.flat().reduce((sum, { bytes }) => sum + bytes.length, 0) / states.size / 1024;
console.log(
  `${cards.length} cards share ${states.size} strips. A new one, in three scales, costs as much as ${signatures.toFixed(0)} signatures and weighs ${kilobytes.toFixed(0)} KB.`,
);
