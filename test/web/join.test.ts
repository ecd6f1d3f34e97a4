import { describe, expect, it } from 'vitest';
import { enrolment } from '../../core/contract/shapes/member.ts';
import { draftFrom, emptyDraft, enrolmentOf, isReachable } from '../../web/join/draft.ts';

describe('the join form', () => {
  it('leaves out what was left empty, so that the API takes the rest', () => {
    const body = enrolmentOf({ ...emptyDraft, email: ' camille@example.com ' }, 'fr');
    expect(body).toEqual({
      email: 'camille@example.com',
      locale: 'fr',
      consents: { email: false, sms: false },
    });
    expect(enrolment.parse(body)).toEqual(body);
  });

  it('sends each consent as it was ticked', () => {
    expect(enrolmentOf({ ...emptyDraft, consentSms: true }, 'en').consents).toEqual({
      email: false,
      sms: true,
    });
  });

  it('reads 00 as +, and guesses no country for a number without one', () => {
    expect(enrolmentOf({ ...emptyDraft, phone: '0033 6 12 34 56 78' }, 'fr').phone).toBe('+33 6 12 34 56 78');
    expect(enrolmentOf({ ...emptyDraft, phone: '06 12 34 56 78' }, 'fr').phone).toBe('06 12 34 56 78');
  });

  it('takes a friend’s code from the address, and sends it as it then stands in the form', () => {
    expect(draftFrom('?utm=x&ref=ab12%20cd34')).toEqual({ ...emptyDraft, referralCode: 'ab12 cd34' });
    expect(draftFrom('')).toEqual(emptyDraft);
    const body = enrolmentOf({ ...draftFrom('?ref=AB12CD34'), email: 'camille@example.com' }, 'fr');
    expect(enrolment.parse(body)).toMatchObject({ referralCode: 'AB12CD34' });
    expect(enrolmentOf({ ...emptyDraft, referralCode: '  ' }, 'fr')).not.toHaveProperty('referralCode');
  });

  it('needs an e-mail or a phone number, blanks not counted', () => {
    expect(isReachable({ ...emptyDraft, name: 'Camille', email: '  ' })).toBe(false);
    expect(isReachable({ ...emptyDraft, phone: '+33612345678' })).toBe(true);
  });
});
