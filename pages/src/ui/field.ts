/** One field of a form: label, hint, and what is wrong with it, tied together for who cannot see them. */
import { html, ifDefined, live, nothing, type TemplateResult } from '../vendor/lit.js';

export interface FieldOptions {
  /** Its name in the form's data. */
  readonly name: string;
  /** Unique on the page; the name unless given. */
  readonly id?: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  /** Of a checkbox "on" or "". */
  readonly value?: string | undefined;
  readonly type?: 'text' | 'email' | 'password' | 'search' | 'number' | 'url' | 'date' | 'checkbox';
  /** So many lines; one unless given. */
  readonly lines?: number;
  readonly options?: readonly { readonly value: string; readonly text: string }[];
  readonly autocomplete?: string;
  readonly inputmode?: string;
  readonly placeholder?: string;
  readonly maxlength?: number;
  readonly minlength?: number;
  readonly isRequired?: boolean;
  readonly onInput?: (value: string) => void;
}

export function field(options: FieldOptions): TemplateResult {
  const { id = options.name, label, hint, error } = options;
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const parts = [
    html`<label for=${id}>${label}</label>`,
    control(id, options, described === '' ? undefined : described),
  ];
  const isCheck = options.type === 'checkbox';
  return html`<div class="field ${isCheck ? 'check' : ''} ${error ? 'wrong' : ''}">
    ${isCheck ? parts.reverse() : parts} ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : nothing}
    ${error ? html`<p class="error" id="${id}-error">${error}</p>` : nothing}
  </div>`;
}

function control(id: string, options: FieldOptions, described: string | undefined): TemplateResult {
  const { name, value, lines = 1, isRequired = false, onInput, maxlength, minlength, placeholder } = options;
  const isWrong = options.error ? 'true' : 'false';
  const onChange = (event: Event) => onInput?.((event.target as HTMLInputElement).value);
  const given = value === undefined ? undefined : live(value);
  if (options.options)
    return html`<select id=${id} name=${name} aria-describedby=${ifDefined(described)} @change=${onChange}>
      ${options.options.map(
        (option) => html`<option value=${option.value} ?selected=${option.value === value}>${option.text}</option>`,
      )}
    </select>`;
  if (options.type === 'checkbox')
    return html`<input
      type="checkbox"
      id=${id}
      name=${name}
      aria-describedby=${ifDefined(described)}
      .checked=${live(value === 'on')}
      @change=${(event: Event) => onInput?.((event.target as HTMLInputElement).checked ? 'on' : '')}
    />`;
  if (lines > 1)
    return html`<textarea
      id=${id}
      name=${name}
      rows=${lines}
      ?required=${isRequired}
      placeholder=${ifDefined(placeholder)}
      maxlength=${ifDefined(maxlength)}
      minlength=${ifDefined(minlength)}
      aria-invalid=${isWrong}
      aria-describedby=${ifDefined(described)}
      .value=${given ?? nothing}
      @input=${onChange}
    ></textarea>`;
  return html`<input
    id=${id}
    name=${name}
    type=${options.type ?? 'text'}
    ?required=${isRequired}
    autocomplete=${ifDefined(options.autocomplete)}
    inputmode=${ifDefined(options.inputmode)}
    placeholder=${ifDefined(placeholder)}
    maxlength=${ifDefined(maxlength)}
    minlength=${ifDefined(minlength)}
    aria-invalid=${isWrong}
    aria-describedby=${ifDefined(described)}
    .value=${given ?? nothing}
    @input=${onChange}
  />`;
}

/** What was entered, by the names of the fields. */
export function entered(event: Event): Readonly<Record<string, string>> {
  event.preventDefault();
  const data = new FormData(event.currentTarget as HTMLFormElement);
  return Object.fromEntries([...data].map(([name, value]) => [name, typeof value === 'string' ? value : '']));
}
