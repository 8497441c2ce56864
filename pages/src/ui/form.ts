/** A form that does something. What was entered stays until that is done, whatever is drawn meanwhile; what is wrong stands beside its field. */
import type { App } from '../app/app.js';
import { fieldErrors, hasEnded } from '../app/errors.js';
import { html, nothing, type TemplateResult } from '../vendor/lit.js';
import { entered, field, type FieldOptions } from './field.js';
import { button, failure, type ButtonOptions, type Content } from './parts.js';

export interface Form {
  /** What was entered in a field; undefined where nothing was. */
  value(name: string): string | undefined;
  /** As if it had been entered. */
  fill(name: string, value: string): void;
  view(options: FormOptions): TemplateResult;
}

export interface FormOptions {
  readonly fields: readonly FieldOptions[];
  /** On the button that does it. */
  readonly action: string;
  readonly kind?: ButtonOptions['kind'];
  /** It cannot be done now. */
  readonly isDisabled?: boolean;
  /** Between fields and buttons. */
  readonly note?: Content;
  /** Beside the button. */
  readonly beside?: Content;
}

type Values = Readonly<Record<string, string>>;

/** `act` gets what was entered, by the names of the fields. What it throws is said in the form. */
export function createForm(app: Pick<App, 'redraw' | 'fail'>, act: (values: Values) => Promise<void>): Form {
  let drafts: Values = {};
  let isBusy = false;
  let error: unknown;
  const draft = (name: string, value: string) => {
    drafts = { ...drafts, [name]: value };
    app.redraw();
  };

  async function submit(values: Values): Promise<void> {
    if (isBusy) return;
    [isBusy, error] = [true, undefined];
    app.redraw();
    try {
      await act(values);
      drafts = {};
    } catch (refused) {
      error = refused;
      if (hasEnded(refused)) app.fail(refused);
    }
    isBusy = false;
    app.redraw();
  }

  return {
    value: (name) => drafts[name],
    fill: draft,
    view({ fields, action, kind = 'primary', isDisabled = false, note = nothing, beside = nothing }) {
      const wrong = fieldErrors(error);
      const isSaidBeside = Object.keys(wrong).some((name) => fields.some((each) => each.name === name));
      return html`<form @submit=${(event: Event) => void submit(entered(event))}>
        ${fields.map((each) =>
          field({
            ...each,
            value: drafts[each.name] ?? each.value ?? '',
            error: wrong[each.name],
            onInput: (value) => draft(each.name, value),
          }),
        )}
        ${note} ${error === undefined || isSaidBeside ? nothing : failure(error)}
        <div class="row">${button({ text: action, kind, isSubmit: true, isBusy, isDisabled })} ${beside}</div>
      </form>`;
    },
  };
}
