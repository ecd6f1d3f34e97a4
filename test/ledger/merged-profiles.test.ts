/** What two profiles of one person become, word for word, and what names the one who was merged. */
import { describe, expect, it } from 'vitest';
import { emptyAccount } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { contactHash } from '../../ledger/members/contacts.ts';
import { cardToken, lookupKey, lookupWrite, type Member } from '../../ledger/members/members.ts';
import { joinedWrites, partedWrites } from '../../ledger/members/merged-profiles.ts';
import { referralCode } from '../../ledger/members/referrals.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys, type Profile } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Key, Write } from '../../ledger/store/store.ts';
import { noon, testContext } from '../support/world.ts';

const ledger: LedgerContext = testContext(createMemoryStore());
const [one, other] = ['mem_01JD0000000000000000000001', 'mem_01JD0000000000000000000002'] as MemberId[];
if (!one || !other) throw new Error('They are two.');

function member(memberId: MemberId, more: Partial<Profile> = {}): Member {
  const account = { ...emptyAccount(memberId), createdAt: '2026-03-01T00:00:00Z' };
  const profile: Profile = {
    ...{ memberId, revision: 4, cardNumber: `29000000000${memberId.slice(-1)}` },
    ...{ name: null, email: null, phone: null, birthday: null, locale: 'en', consents: {} },
    ...{ referralCode: null, formerContacts: [], ...more },
  };
  return { account, profile };
}

const proof = (status: 'confirmed' | 'unconfirmed', held = true) => ({ status, at: utc(noon), held });
const consent = (granted: boolean, at: string) => ({ granted, at });
const hold = (since: number, until: number, keeps: number) => ({
  contactHold: { since: utc(noon + since), until: utc(noon + until), keeps },
});

/** The profile that is written of somebody. */
function written(writes: readonly Write[], memberId: MemberId): Profile | undefined {
  const { pk, sk } = keys.profile(memberId);
  const found = writes.find((write) => 'put' in write && write.put.pk === pk && write.put.sk === sk);
  return found && 'put' in found ? (found.put as unknown as Profile) : undefined;
}

const join = (into: Member, from: Member, leads = true) => joinedWrites(ledger, { into, from }, leads, noon);

describe('who stays', () => {
  const full = {
    name: 'Ada',
    email: 'ada@example.com',
    phone: '+33612345678',
    birthday: '1990-05-06',
  };

  it('takes over what they lack, and nothing else', () => {
    const names = ['name', 'email', 'phone', 'birthday'] as const;
    for (const lacking of names) {
      const own = { name: 'Own', email: 'own@example.com', phone: '+33611111111', birthday: '1980-01-02' };
      const { into, writes } = join(member(one, { ...own, [lacking]: null }), member(other, full));
      expect(into).toMatchObject({ ...own, [lacking]: full[lacking], revision: 5 });
      expect(written(writes, one)).toMatchObject(into);
      expect(written(writes, other)).toMatchObject({
        ...full,
        revision: 5,
        merged: { into: one, leads: true, gave: [lacking], consents: {} },
      });
    }
    expect(join(member(one), member(other)).into).toMatchObject({ name: null, email: null });
    expect(join(member(one), member(other)).into).not.toHaveProperty('proofs');
  });

  it('takes over no contact that leads elsewhere, and nothing of whom somebody else may have made', () => {
    const doubtful = { proofs: { email: proof('unconfirmed', false), phone: proof('confirmed') } };
    const { into, writes } = join(member(one), member(other, { ...full, ...doubtful }));
    expect(into).toMatchObject({ ...full, email: null });
    expect(into.proofs).toEqual({ phone: proof('confirmed') });
    expect(written(writes, other)?.merged?.gave).toEqual(['name', 'phone', 'birthday']);
    const consents = { mail: consent(true, '2026-01-01') };
    const apart = join(member(one, { consents }), member(other, { ...full, consents: {} }), false);
    expect(apart.into).toMatchObject({ name: null, email: null, phone: null, birthday: null, consents });
    expect(written(apart.writes, other)?.merged).toEqual({ into: one, leads: false, gave: [], consents });
  });

  it('knows their own contacts as before, and those they take over as the other did', () => {
    const own = member(one, { email: 'own@example.com', proofs: { email: proof('unconfirmed') } });
    const theirs = { ...full, proofs: { email: proof('confirmed'), phone: proof('confirmed') } };
    expect(join(own, member(other, theirs)).into.proofs).toEqual({
      email: proof('unconfirmed'),
      phone: proof('confirmed'),
    });
  });

  it('has withdrawn what either has withdrawn', () => {
    const [early, late] = ['2026-01-01', '2026-02-01'];
    const mine = {
      a: consent(true, early),
      b: consent(true, early),
      c: consent(false, early),
      d: consent(false, early),
      e: consent(true, early),
    };
    const theirs = {
      a: consent(true, late),
      b: consent(false, late),
      c: consent(true, late),
      d: consent(false, late),
      f: consent(false, late),
    };
    const into = member(one, { consents: mine });
    expect(join(into, member(other, { consents: theirs })).into.consents).toEqual({
      ...{ a: mine.a, b: theirs.b, c: mine.c, d: mine.d, e: mine.e, f: theirs.f },
    });
    expect(join(into, member(other, { consents: theirs }), false).into.consents).toEqual(mine);
  });

  it('keeps of the points what had to stay on either side, as long as it had to', () => {
    const holds = (a: Partial<Profile>, b: Partial<Profile>) =>
      join(member(one, a), member(other, b)).into.contactHold;
    expect(holds({}, {})).toBeUndefined();
    expect(holds(hold(-5, 10, 7), {})).toEqual(hold(-5, 10, 7).contactHold);
    expect(holds({}, hold(-5, 10, 7))).toEqual(hold(-5, 10, 7).contactHold);
    expect(holds(hold(-5000, 20_000, 7), hold(-3000, 9000, 5))).toEqual(hold(-3000, 20_000, 12).contactHold);
    expect(holds(hold(-3000, 9000, 5), hold(-5000, 20_000, 7))).toEqual(hold(-3000, 20_000, 12).contactHold);
    expect(holds(hold(-9000, 0, 7), hold(-3000, 9000, 5))).toEqual(hold(-3000, 9000, 5).contactHold);
    expect(holds(hold(-9000, -1000, 7), {})).toBeUndefined();
  });

  it('remembers the newest twenty hashes of what named both', () => {
    const hashes = (name: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${name}${index}`);
    const card = contactHash(ledger, member(other).profile.cardNumber);
    const of = (mine: string[], theirs: string[], more: Partial<Profile> = {}, leads = true) =>
      join(member(one, { formerContacts: mine }), member(other, { formerContacts: theirs, ...more }), leads)
        .into.formerContacts;
    expect(of(['a', 'b'], ['b', 'c'])).toEqual(['a', 'b', 'c', card]);
    expect(of(hashes('a', 12), hashes('b', 12))).toEqual([
      ...hashes('a', 12).slice(5),
      ...hashes('b', 12),
      card,
    ]);
    const email = contactHash(ledger, full.email);
    expect(of([], [], { email: full.email })).toEqual([email, card]);
    expect(of([], [], { email: full.email }, false)).toEqual([card]);
    expect(of([], [], { email: full.email, proofs: { email: proof('unconfirmed', false) } })).toEqual([card]);
  });
});

describe('what names who was merged', () => {
  const { profile } = member(other, {
    email: 'a@example.com',
    phone: '+33612345678',
    birthday: '1990-05-06',
  });
  const from = { ...member(other), profile };
  const places: readonly Key[] = [
    lookupKey(ledger, 'email', 'a@example.com'),
    lookupKey(ledger, 'phone', '+33612345678'),
    lookupKey(ledger, 'cardNumber', profile.cardNumber),
    lookupKey(ledger, 'cardToken', cardToken(ledger, other)),
    lookupKey(ledger, 'referralCode', referralCode(ledger, other)),
  ];
  const at = (writes: readonly Write[]) =>
    writes.filter((write) => {
      const { pk, sk } = 'put' in write ? write.put : 'delete' in write ? write.delete : write.check;
      return places.some((place) => place.pk === pk && place.sk === sk);
    });

  it('leads on, and where it may not, nowhere: but for contacts that the other has, too', () => {
    expect(at(join(member(one), from).writes)).toEqual([]);
    const apart = join(member(one, { email: 'a@example.com' }), from, false).writes;
    const theirs = { kind: 'unchanged', fields: { memberId: other } };
    const [email, phone, ...others] = places;
    expect(at(apart)).toEqual([
      { put: { ...email, item: 'lookup', memberId: one }, if: theirs },
      { delete: phone, if: theirs },
      ...others.map((key) => ({ delete: key })),
    ]);
  });

  it('leads to them again once they are apart', async () => {
    const merged = { into: one, leads: false, gave: [], consents: {} };
    const gone = { ...from, profile: { ...profile, merged } };
    const { writes } = await partedWrites(ledger, { into: member(one), from: gone });
    const back = (['cardNumber', 'cardToken', 'referralCode'] as const).map((kind, index) => {
      const value = [profile.cardNumber, cardToken(ledger, other), referralCode(ledger, other)][index];
      return lookupWrite(ledger, kind, value ?? '', other);
    });
    expect(at(writes).slice(2)).toEqual(back);
    expect(at(writes).slice(0, 2)).toEqual([
      lookupWrite(ledger, 'email', 'a@example.com', other),
      lookupWrite(ledger, 'phone', '+33612345678', other),
    ]);
    const led = { ...gone, profile: { ...profile, merged: { ...merged, leads: true } } };
    expect(at((await partedWrites(ledger, { into: member(one), from: led })).writes)).toHaveLength(2);
  });

  it('is the birthday’s place of who has it, before and after', async () => {
    const days = (writes: readonly Write[]) =>
      writes.flatMap((write) => {
        const key = 'put' in write ? write.put : 'delete' in write ? write.delete : write.check;
        const isDay = JSON.stringify([key.pk, key.sk]).includes('05-06');
        return isDay ? [['put' in write ? 'put' : 'delete', JSON.stringify(key).includes(one)]] : [];
      });
    expect(days(join(member(one), from).writes)).toEqual([
      ['delete', false],
      ['put', true],
    ]);
    const merged = { into: one, leads: true, gave: ['birthday' as const], consents: {} };
    const gone = { ...from, profile: { ...profile, merged } };
    const into = member(one, { birthday: '1990-05-06' });
    expect(days((await partedWrites(ledger, { into, from: gone })).writes)).toEqual([
      ['put', false],
      ['delete', true],
    ]);
  });
});

describe('who is apart again', () => {
  const merged = (more: Partial<NonNullable<Profile['merged']>>) => ({
    merged: { into: one, leads: true, gave: [], consents: {}, ...more },
  });
  const part = async (mine: Partial<Profile>, theirs: Partial<Profile>) => {
    const { into, writes } = await partedWrites(testContext(createMemoryStore()), {
      into: member(one, mine),
      from: member(other, theirs),
    });
    const from = written(writes, other);
    if (!from) throw new Error('It is written.');
    return { into, from };
  };

  it('has back what the other took over, unless that is another by now', async () => {
    const theirs = { name: 'Ada', email: 'ada@example.com', birthday: '1990-05-06' };
    const { into, from } = await part(
      { name: 'Ada', email: 'new@example.com', birthday: '1990-05-06', phone: '+1' },
      { ...theirs, ...merged({ gave: ['name', 'email'] }) },
    );
    expect(into).toMatchObject({
      name: null,
      email: 'new@example.com',
      birthday: '1990-05-06',
      phone: '+1',
      revision: 5,
    });
    expect(from).toMatchObject({ ...theirs, revision: 5 });
    expect(from).not.toHaveProperty('merged');
  });

  it('is known by what they gave as before, and the other no more', async () => {
    const proofs = { email: proof('confirmed'), phone: proof('confirmed') };
    const theirs = { email: 'a@example.com', proofs: { email: proof('confirmed') } };
    const both = await part(
      { email: 'a@example.com', phone: '+1', proofs },
      { ...theirs, ...merged({ gave: ['email'] }) },
    );
    expect(both.into.proofs).toEqual({ phone: proof('confirmed') });
    expect(both.from.proofs).toEqual(theirs.proofs);
    const none = await part(
      { email: 'a@example.com', proofs: { email: proof('confirmed') } },
      { ...theirs, ...merged({ gave: ['email'] }) },
    );
    expect(none.into).not.toHaveProperty('proofs');
  });

  it('has consented to what each had, but for what was said since', async () => {
    const [early, late] = ['2026-01-01', '2026-02-01'];
    const before = { a: consent(true, early), b: consent(true, early), c: consent(true, early) };
    const theirs = { b: consent(false, late), d: consent(true, late) };
    const together = { ...before, b: theirs.b, d: theirs.d };
    const said = consent(false, '2026-03-01');
    const parted = async (consents: Profile['consents'], leads = true) =>
      (await part({ consents }, { consents: theirs, ...merged({ consents: before, leads }) })).into.consents;
    expect(await parted(together)).toEqual(before);
    expect(await parted({ ...together, c: said, e: said })).toEqual({ ...before, c: said, e: said });
    expect(await parted({ ...before, b: said }, false)).toEqual({ ...before, b: said });
    // Where nothing of the other's was taken over, what is said like theirs was said since.
    expect(await parted({ ...before, d: theirs.d }, false)).toEqual({ ...before, d: theirs.d });
  });
});
