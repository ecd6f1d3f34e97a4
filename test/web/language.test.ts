import { describe, expect, it } from 'vitest';
import { locale as localeSchema } from '../../core/contract/shapes/member.ts';
import { formatLastDay, formatMoment, formatNumber, speechFor, speechIn } from '../../web/shared/language.ts';

describe('the language', () => {
  it.each([
    [['fr-CH', 'en'], { language: 'fr', locale: 'fr-CH' }],
    [['pt-PT', 'fr'], { language: 'fr', locale: 'fr' }],
    [['de-CH', 'fr'], { language: 'de', locale: 'de-CH' }],
    [['EN-gb'], { language: 'en', locale: 'en-GB' }],
    [['pt'], { language: 'en', locale: 'en' }],
    [[], { language: 'en', locale: 'en' }],
  ] as const)('of somebody who reads %j is %j', (tags, speech) => {
    expect(speechFor(tags)).toEqual(speech);
  });

  it('of who reads none of ours is the programme’s first', () => {
    expect(speechFor(['pt', 'ja'], 'nl')).toEqual({ language: 'nl', locale: 'nl' });
  });

  it('that was chosen keeps the region that the reader has for it', () => {
    expect(speechIn('fr', ['de-DE', 'fr-CH'])).toEqual({ language: 'fr', locale: 'fr-CH' });
    expect(speechIn('es', ['de-DE'])).toEqual({ language: 'es', locale: 'es' });
  });

  it('of a tag that Intl refuses is still known', () => {
    expect(speechFor(['fr-12'])).toEqual({ language: 'fr', locale: 'fr' });
  });

  it('is sent as a tag that the API takes, whatever the browser adds to it', () => {
    expect(localeSchema.parse(speechFor(['fr-FR-u-nu-latn']).locale)).toBe('fr-FR');
  });

  it('writes numbers in its own way', () => {
    expect(formatNumber(1250, speechFor(['en']))).toBe('1,250');
    expect(formatNumber(1250, speechFor(['fr']))).toBe('1\u202f250');
  });

  it('names the last day on which points hold, not the midnight at which they lapse', () => {
    const midnight = '2027-11-30T23:00:00Z';
    expect(formatLastDay(midnight, 'Europe/Paris', speechFor(['en-GB']))).toBe('30 November 2027');
    expect(formatLastDay(midnight, 'Europe/Paris', speechFor(['fr']))).toBe('30 novembre 2027');
  });

  it('names the zone of a moment where the own clock shows another', () => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const at = (zone: string) => formatMoment('2027-02-28T10:30:00Z', zone, speechFor(['en-GB']));
    expect(at(own)).not.toMatch(/GMT|UTC|CET/);
    expect(at('Asia/Tokyo')).toBe('28 February 2027 at 19:30 GMT+9');
  });
});
