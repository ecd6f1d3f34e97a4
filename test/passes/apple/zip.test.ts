import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zip } from '../../../passes/apple/zip.ts';
import { check } from '../views.ts';
import { isInstalled, runWith } from './openssl.ts';
import { unzip } from './read.ts';

const name = fc.stringMatching(/^[a-z]{1,8}(\.lproj\/[a-z.]{1,12}|@2x\.png)?$/);
const arbFiles = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 300 })), {
  selector: ([path]) => path,
});

describe('an archive', () => {
  it('gives back its files in their order, whatever is in them', () => {
    check(
      fc.property(arbFiles, (files) => {
        const read = unzip(zip(files.map(([path, bytes]) => ({ name: path, bytes }))));
        expect([...read]).toEqual(files.map(([path, bytes]) => [path, Buffer.from(bytes)]));
      }),
    );
  });

  it.skipIf(!isInstalled('unzip', '-v'))('is read by unzip, with empty and with binary files', () => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index & 0xff));
    const archive = zip([
      { name: 'empty', bytes: Buffer.alloc(0) },
      { name: 'en.lproj/binary', bytes },
    ]);
    expect(runWith({ archive }, 'unzip', '-t', 'archive')).toMatch(/binary\s+OK\nNo errors detected/);
    expect(runWith({ archive }, 'unzip', '-l', 'archive')).toMatch(
      /1000\s+1980-01-01 00:00\s+en.lproj\/binary/,
    );
  });
});
