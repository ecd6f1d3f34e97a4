/** Labelled controls: hint and error are tied to the control, so that focus reads them aloud. */
interface TextFieldProps {
  readonly id: string;
  readonly label: string;
  readonly aside?: string;
  readonly hint?: string;
  readonly error: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'email' | 'tel';
  readonly autocomplete: 'name' | 'email' | 'tel' | 'off';
  /** What a phone's keyboard writes in capitals: for text each word, unless this says otherwise. */
  readonly capitals?: 'words' | 'characters';
}

export function TextField(props: TextFieldProps) {
  const {
    id,
    label,
    aside,
    hint,
    error,
    value,
    onChange,
    type = 'text',
    autocomplete,
    capitals = 'words',
  } = props;
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  const errorId = error === undefined ? undefined : `${id}-error`;
  const describedBy = [errorId, hintId].filter((one) => one !== undefined).join(' ');
  return (
    <div class="field">
      <label for={id}>
        {label}
        {aside !== undefined && <span class="soft"> ({aside})</span>}
      </label>
      <input
        id={id}
        name={id}
        type={type}
        // The typings tell an input with suggestions from one without by this attribute; there are none.
        list={undefined}
        autocomplete={autocomplete}
        autocapitalize={type === 'text' ? capitals : 'none'}
        spellcheck={false}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy || undefined}
      />
      {error !== undefined && (
        <p id={errorId} class="error">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={hintId} class="soft">
          {hint}
        </p>
      )}
    </div>
  );
}

interface CheckboxProps {
  readonly id: string;
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Checkbox({ id, label, checked, onChange }: CheckboxProps) {
  return (
    <label class="checkbox" for={id}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}
