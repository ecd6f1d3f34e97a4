/** Where what many write lies: spread over partitions, so that none of them is everybody's. */
import { describe, expect, it } from 'vitest';
import { makeId } from '../../core/contract/ids.ts';
import { dueShards, keys } from '../../ledger/store/items.ts';

const characters = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];
const idsOf = (kind: 'member' | 'exception') =>
  characters.map((last) => makeId(kind, `01KBAZ5H00QK7WJ0C4PTSH3N1${last}`));
const day = '2026-12-01';
const everyShard = Array.from({ length: dueShards }, (_, shard) => `DUE#${day}#${shard}`).sort();

describe('what falls due on a day', () => {
  it('lies in each of its partitions by the last character of whose it is', () => {
    const members = idsOf('member');
    expect(members.map((id) => keys.due(day, id as never).pk).sort()).toEqual(everyShard);
    expect(
      idsOf('exception')
        .map((id) => keys.dueException(day, id as never).pk)
        .sort(),
    ).toEqual(everyShard);
    for (const id of members as never[]) {
      const { pk } = keys.due(day, id);
      const others = [keys.dueReferral, keys.dueProof, keys.dueTaken, keys.dueJoin];
      expect(others.map((key) => key(day, id).pk)).toEqual(Array(4).fill(pk));
    }
  });
});
