import type { TargetedSubmitEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Brand } from '../shared/brand.ts';
import { termsAddress } from '../shared/foot.tsx';
import type { Speech } from '../shared/language.ts';
import { rememberMade } from '../shared/made.ts';
import { words } from '../shared/words/index.ts';
import { type Draft, draftFrom, enrolmentOf, hasTwoContacts, isReachable } from './draft.ts';
import { Checkbox, TextField } from './field.tsx';
import { addPhone, type Field, fields, join } from './send.ts';
import { likelyEmail } from './slip.ts';

type Trouble = Partial<Record<Field | 'form', string>>;

interface FormProps {
  readonly brand: Brand;
  readonly speech: Speech;
}

export function JoinForm({ brand, speech }: FormProps) {
  const say = words[speech.language];
  const [draft, setDraft] = useState<Draft>(() => draftFrom(location.search));
  const [trouble, setTrouble] = useState<Trouble>({});
  const [sending, setSending] = useState(false);
  /** The address that was asked about: sent once more, it is meant so. */
  const [asked, setAsked] = useState('');
  const form = useRef<HTMLFormElement>(null);

  const meant = likelyEmail(draft.email);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));

  // The first wrong field takes the focus, so that its error is what a screen reader says next.
  useEffect(() => {
    const first = fields.find((field) => trouble[field] !== undefined);
    if (first) form.current?.querySelector<HTMLElement>(`#${first}`)?.focus();
  }, [trouble]);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (sending) return;
    if (!isReachable(draft)) return setTrouble({ email: say.error.reach });
    if (meant !== undefined && asked !== draft.email) {
      setTrouble({});
      setAsked(draft.email);
      return;
    }
    setSending(true);
    setTrouble({});
    const enrolment = enrolmentOf(draft, speech.locale);
    const outcome = await join(enrolment);
    if (outcome.kind === 'card') {
      rememberMade(outcome.cardUrl);
      if (hasTwoContacts(enrolment)) await addPhone(outcome.cardUrl, enrolment);
      return location.assign(outcome.cardUrl);
    }
    setSending(false);
    setTrouble(
      outcome.kind === 'refused' ? troubleIn(outcome.fields, say.error) : { form: say.error[outcome.kind] },
    );
  }

  return (
    <form ref={form} class="form" noValidate onSubmit={(event) => void submit(event)}>
      <TextField
        id="name"
        label={say.join.name}
        aside={say.join.optional}
        hint={say.join.nameHint}
        error={trouble.name}
        value={draft.name}
        onChange={(name) => change({ name })}
        autocomplete="name"
      />
      <fieldset aria-describedby="reach-hint">
        <legend>{say.join.reach}</legend>
        <p id="reach-hint" class="soft">
          {say.join.reachHint}
        </p>
        <TextField
          id="email"
          type="email"
          label={say.join.email}
          error={trouble.email}
          value={draft.email}
          onChange={(email) => change({ email })}
          autocomplete="email"
        />
        <div role="status">
          {meant !== undefined && asked === draft.email && (
            <p class="slip">
              {say.join.slip}{' '}
              <button type="button" onClick={() => change({ email: meant })}>
                {meant}
              </button>
            </p>
          )}
        </div>
        <p class="or">
          <span>{say.join.or}</span>
        </p>
        <TextField
          id="phone"
          type="tel"
          label={say.join.phone}
          hint={say.join.phoneHint}
          error={trouble.phone}
          value={draft.phone}
          onChange={(phone) => change({ phone })}
          autocomplete="tel"
        />
      </fieldset>
      <TextField
        id="referralCode"
        label={say.join.referral}
        aside={say.join.optional}
        hint={say.join.referralHint}
        error={trouble.referralCode}
        value={draft.referralCode}
        onChange={(referralCode) => change({ referralCode })}
        autocomplete="off"
        capitals="characters"
      />
      <fieldset aria-describedby="consent-hint">
        <legend>{say.join.consent}</legend>
        <p id="consent-hint" class="soft">
          {say.join.consentHint}
        </p>
        <Checkbox
          id="consent-email"
          label={say.join.consentEmail}
          checked={draft.consentEmail}
          onChange={(consentEmail) => change({ consentEmail })}
        />
        <Checkbox
          id="consent-sms"
          label={say.join.consentSms}
          checked={draft.consentSms}
          onChange={(consentSms) => change({ consentSms })}
        />
      </fieldset>
      <div class="finish">
        <div role="alert" class={trouble.form ? 'form-error' : undefined}>
          {trouble.form}
        </div>
        <button class="button" type="submit" aria-disabled={sending}>
          {sending ? say.join.sending : say.join.submit}
        </button>
        <p class="soft terms">
          {say.join.terms}{' '}
          <a href={termsAddress(brand, speech.language)}>
            {brand.privacyUrl === null ? say.join.termsLink : say.join.termsAlone}
          </a>
          . {brand.privacyUrl !== null && <a href={brand.privacyUrl[speech.language]}>{say.join.privacy}</a>}
        </p>
      </div>
    </form>
  );
}

/** A refusal that names none of our fields still has to be said somewhere. */
function troubleIn(wrong: readonly Field[], say: Record<Field | 'refused', string>): Trouble {
  if (wrong.length === 0) return { form: say.refused };
  return Object.fromEntries(wrong.map((field) => [field, say[field]]));
}
