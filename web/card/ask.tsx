/** Asks for what is missing, one question at a time. Whoever puts one off is asked nothing more on this visit. */
import type { TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import type { Brand } from '../shared/brand.ts';
import { giftText } from '../shared/gift.ts';
import type { Speech } from '../shared/language.ts';
import { rememberMade } from '../shared/made.ts';
import { words } from '../shared/words/index.ts';
import {
  bodyOf,
  type Given,
  give,
  type Profile,
  type Question,
  questions,
  skip,
  skippedBy,
} from './profile.ts';

interface AskProps {
  readonly card: CardAnswer;
  readonly brand: Brand;
  readonly speech: Speech;
  readonly endpoint: string;
}

export function Ask({ card, brand, speech, endpoint }: AskProps) {
  const [done, setDone] = useState<readonly Question[]>([]);
  const [isOver, setOver] = useState(false);
  const { profile, memberId } = card;
  const say = words[speech.language].ask;
  const skipped = skippedBy(memberId);
  const isAsked = (one: Question) =>
    profile.missing.includes(one) && !done.includes(one) && !skipped.includes(one);
  const question = isOver ? undefined : questions.find(isAsked);
  const last = done.at(-1);
  const thanks = last === 'email' || last === 'phone' ? say.confirm : say.saved;
  return (
    <>
      <p class={last ? 'note' : 'visually-hidden'} role="status">
        {last && thanks}
      </p>
      {question && (
        <QuestionForm
          key={question}
          question={question}
          profile={profile}
          brand={brand}
          speech={speech}
          endpoint={endpoint}
          onGiven={() => setDone([...done, question])}
          onSkip={() => {
            skip(memberId, question);
            setOver(true);
          }}
        />
      )}
    </>
  );
}

interface QuestionProps extends Omit<AskProps, 'card'> {
  readonly question: Question;
  readonly profile: Profile;
  readonly onGiven: () => void;
  readonly onSkip: () => void;
}

const types = { name: 'text', birthday: 'date', email: 'email', phone: 'tel' } as const;
const completions = { name: 'name', birthday: 'bday', email: 'email', phone: 'tel' } as const;

function QuestionForm({ question, profile, brand, speech, endpoint, onGiven, onSkip }: QuestionProps) {
  const say = words[speech.language].ask;
  const [text, setText] = useState('');
  const [trouble, setTrouble] = useState<Exclude<Given, 'saved'> | null>(null);
  const [sending, setSending] = useState(false);

  async function submit(event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (sending || (question !== 'consents' && text.trim() === '')) return;
    setSending(true);
    const given = await give(endpoint, bodyOf(question, text, profile));
    setSending(false);
    if (given === 'saved') {
      if (question === 'email' || question === 'phone') rememberMade(location.href);
      return onGiven();
    }
    setTrouble(given);
  }

  return (
    <section class="ask" aria-labelledby="ask">
      <h2 id="ask">{say.heading}</h2>
      <Reason question={question} profile={profile} brand={brand} speech={speech} />
      <form noValidate onSubmit={(event) => void submit(event)}>
        {question === 'consents' ? (
          <p>{say.consent}</p>
        ) : (
          <div class="field">
            <label for="answer">{say[question]}</label>
            <input
              id="answer"
              type={types[question]}
              list={undefined}
              autocomplete={completions[question]}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
              aria-invalid={trouble === 'wrong'}
              aria-describedby="answer-hint answer-error"
            />
            <p id="answer-hint" class="soft">
              {question === 'email' && say.emailHint}
              {question === 'phone' && say.phoneHint}
            </p>
          </div>
        )}
        <p id="answer-error" class={trouble ? 'error' : undefined} role="alert">
          {trouble && say[trouble]}
        </p>
        <p class="ask-ends">
          <button class="button" type="submit" aria-disabled={sending}>
            {question === 'consents' ? say.yes : say.save}
          </button>
          <button class="button button-quiet" type="button" onClick={onSkip}>
            {say.later}
          </button>
        </p>
      </form>
    </section>
  );
}

/** What an answer brings, by the programme in force. */
function Reason({
  question,
  profile,
  brand,
  speech,
}: Pick<QuestionProps, 'question' | 'profile' | 'brand' | 'speech'>) {
  const say = words[speech.language].ask;
  const gift = giftText(profile.points, profile.reward, speech);
  const birthday = giftText(brand.birthday, brand.gifts.birthday?.[speech.language] ?? null, speech);
  return (
    <>
      {gift !== undefined && <p class="soft">{say.reward(gift)}</p>}
      {question === 'birthday' && birthday !== undefined && <p class="soft">{say.birthdayGift(birthday)}</p>}
    </>
  );
}
