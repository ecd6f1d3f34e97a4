/**
 * The programme's own images: the folder `brand/` beside `program.json`, which may be absent. They are read
 * when the functions and the site are built, so that what deploys and what runs locally show the same, and
 * checked there: a phone that is sent an image of another size says nothing and shows it distorted, or not at
 * all. Sizes are Apple's (Human Interface Guidelines, Wallet; Wallet Passes, "Creating the Source for a Pass")
 * and Google's (Wallet, brand guidelines for loyalty cards).
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { imagesBase64 } from '../passes/apple/images.ts';
import { root } from './generated.ts';
import { checkPng } from './png.ts';

export interface Brand {
  /** The images of an Apple pass by their file names: the programme's own, and the house's for what it lacks. */
  readonly apple: ReadonlyMap<string, Buffer>;
  /** What Google and Samsung show; undefined for the house's, which the site has anyway. */
  readonly programLogo: Buffer | undefined;
}

/** What is wrong with the folder, one plain sentence a line. */
export class BrandFailure extends Error {}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Rule {
  /** The kind of image: of one kind there are all files or none, so that no two brands meet on a card. */
  readonly kind: 'icon' | 'logo' | 'program-logo';
  /** Says what is allowed, as the end of "… is 60 × 60 pixels; it has to be". */
  readonly allowed: string;
  readonly bytesMax: number;
  fits(size: Size): boolean;
}

const iconSide = 29;
const logoMax = { width: 160, height: 50 };
const programLogoMin = 660;
/** An icon and a logo are part of every pass that a phone fetches. */
const passBytesMax = 100 * 1024;

const rules: ReadonlyMap<string, Rule> = new Map([
  ...[1, 2, 3].map((scale) => [scaled('icon', scale), iconRule(iconSide * scale)] as const),
  ...[1, 2, 3].map((scale) => [scaled('logo', scale), logoRule(scale)] as const),
  ['program-logo.png', programLogoRule()] as const,
]);

function scaled(kind: string, scale: number): string {
  return `${kind}${scale === 1 ? '' : `@${scale}x`}.png`;
}

function iconRule(side: number): Rule {
  return {
    kind: 'icon',
    allowed: `${side} × ${side}`,
    bytesMax: passBytesMax,
    fits: ({ width, height }) => width === side && height === side,
  };
}

function logoRule(scale: number): Rule {
  const most = { width: logoMax.width * scale, height: logoMax.height * scale };
  return {
    kind: 'logo',
    allowed: `at most ${most.width} × ${most.height}`,
    bytesMax: passBytesMax,
    fits: ({ width, height }) => width <= most.width && height <= most.height,
  };
}

function programLogoRule(): Rule {
  return {
    kind: 'program-logo',
    allowed: `square, at least ${programLogoMin} × ${programLogoMin}`,
    bytesMax: 1024 * 1024,
    fits: ({ width, height }) => width === height && width >= programLogoMin,
  };
}

/**
 * Reads and checks the folder.
 * @throws BrandFailure naming every file that is not as it has to be
 */
export function readBrand(folder: string = join(root, 'brand')): Brand {
  const files = filesIn(folder);
  const problems = [...files].flatMap(([name, bytes]) =>
    problemsOf(`${basename(folder)}/${name}`, name, bytes),
  );
  if (problems.length === 0) problems.push(...setProblems(basename(folder), files));
  if (problems.length > 0) throw new BrandFailure(problems.join('\n'));
  const house = Object.entries(imagesBase64).map(
    ([name, base64]) => [name, Buffer.from(base64, 'base64')] as const,
  );
  return {
    apple: new Map(house.map(([name, bytes]) => [name, files.get(name) ?? bytes])),
    programLogo: files.get('program-logo.png'),
  };
}

/** Everything in the folder but what file managers leave there unseen. */
function filesIn(folder: string): Map<string, Buffer> {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat) return new Map();
  if (!stat.isDirectory()) throw new BrandFailure(`${basename(folder)} is a file; it has to be a folder.`);
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
  return new Map(
    entries
      .map(({ name }) => name)
      .sort()
      .map((name) => [name, rules.has(name) ? readFileSync(join(folder, name)) : Buffer.alloc(0)]),
  );
}

function problemsOf(path: string, name: string, bytes: Buffer): string[] {
  const rule = rules.get(name);
  if (!rule) return [`${path} is no image that a card has; it may have ${[...rules.keys()].join(', ')}.`];
  const image = checkPng(bytes);
  if (image.type === 'other') return [`${path} is not a PNG image.`];
  if (image.type === 'damaged') return [`${path} is a damaged PNG image: it is cut off or was altered.`];
  const { width, height } = image;
  if (!rule.fits(image)) return [`${path} is ${width} × ${height} pixels; it has to be ${rule.allowed}.`];
  if (bytes.length > rule.bytesMax)
    return [`${path} weighs ${kilobytes(bytes.length)} KB; it may weigh ${kilobytes(rule.bytesMax)} KB.`];
  return [];
}

function kilobytes(bytes: number): number {
  return Math.ceil(bytes / 1024);
}

/** What is wrong with files that are right each by itself. */
function setProblems(folder: string, files: ReadonlyMap<string, Buffer>): string[] {
  const problems: string[] = [];
  for (const kind of ['icon', 'logo'] as const) {
    const names = [1, 2, 3].map((scale) => scaled(kind, scale));
    const present = names.filter((name) => files.has(name));
    if (present.length > 0)
      for (const name of names.filter((one) => !files.has(one)))
        problems.push(
          `${folder}/${name} is missing beside ${present.map((one) => `${folder}/${one}`).join(' and ')}.`,
        );
  }
  return problems.length > 0 ? problems : proportionProblems(folder, files);
}

/** Phones choose one of the three logos by their screen; all of them have to show it alike. */
function proportionProblems(folder: string, files: ReadonlyMap<string, Buffer>): string[] {
  const once = sizeOf(files.get('logo.png'));
  if (!once) return [];
  return [2, 3].flatMap((scale) => {
    const name = scaled('logo', scale);
    const size = sizeOf(files.get(name));
    const wanted = { width: once.width * scale, height: once.height * scale };
    // Halves and thirds of a pixel are rounded by whoever draws the smaller ones.
    const isAlike = (['width', 'height'] as const).every(
      (side) => Math.abs((size?.[side] ?? 0) - wanted[side]) < scale,
    );
    if (isAlike) return [];
    return [
      `${folder}/${name} is ${size?.width} × ${size?.height} pixels; it has to be ${scale} times ${folder}/logo.png, ${wanted.width} × ${wanted.height}.`,
    ];
  });
}

function sizeOf(bytes: Buffer | undefined): Size | undefined {
  const image = bytes && checkPng(bytes);
  return image?.type === 'png' ? image : undefined;
}
