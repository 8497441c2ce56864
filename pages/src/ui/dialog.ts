/** Asks before something is done: what it will do, and the reason where one is kept. The browser's own dialog: it holds the focus, Escape closes it. */
import { html, nothing, render } from '../vendor/lit.js';
import { button, failure, type Content } from './parts.js';
import { entered, field, type FieldOptions } from './field.js';

export interface Question {
  readonly title: string;
  /** What will happen, or a preview of it. */
  readonly body?: Content;
  /** On the button that does it, as in "Reject and refund". */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Asks for a reason, which the answer has. */
  readonly reason?: {
    readonly label: string;
    readonly hint?: string;
    readonly value?: string;
    readonly isRequired?: boolean;
    /** With one line, Enter does it. */
    readonly lines?: number;
  };
  /** What else has to be entered, such as the name of who is to be erased. */
  readonly fields?: readonly FieldOptions[];
  /** Does it while the dialog stays. What it throws is said there, so that what was entered can be mended. */
  readonly act?: (answer: Answer) => Promise<void>;
}

export interface Answer {
  /** Trimmed; empty where none was given or asked for. */
  readonly reason: string;
  /** Of the other fields, by their names. */
  readonly values: Readonly<Record<string, string>>;
}

/** Null: it is not to be done. */
export function ask(question: Question): Promise<Answer | null> {
  return new Promise((resolve) => {
    const place = document.createElement('div');
    document.body.append(place);
    let answer: Answer | null = null;
    let isBusy = false;
    let error: unknown;
    const draw = () => render(template(), place);
    const dialog = () => place.querySelector('dialog') as HTMLDialogElement;
    const close = () => dialog().close();

    function template() {
      const { reason, fields = [] } = question;
      return html`<dialog aria-labelledby="dialog-title" @close=${leave}>
        <form method="dialog" @submit=${(event: Event) => void submit(entered(event))}>
          <h2 id="dialog-title">${question.title}</h2>
          <div class="dialog-body">${question.body ?? nothing}</div>
          ${fields.map((each) => field({ autocomplete: 'off', ...each }))}
          ${reason ? field({ name: 'reason', lines: 3, maxlength: 500, autocomplete: 'off', ...reason }) : nothing}
          ${error === undefined ? nothing : failure(error)}
          <footer>
            ${button({ text: 'Cancel', kind: 'quiet', onClick: close })}
            ${button({
              ...{ text: question.action, kind: question.isDangerous ? 'danger' : 'primary', isSubmit: true, isBusy },
            })}
          </footer>
        </form>
      </dialog>`;
    }
    async function submit({ reason = '', ...values }: Readonly<Record<string, string>>): Promise<void> {
      const given = { reason: reason.trim(), values };
      [isBusy, error] = [true, undefined];
      draw();
      try {
        await question.act?.(given);
        answer = given;
        close();
      } catch (refused) {
        [isBusy, error] = [false, refused];
        draw();
      }
    }
    function leave(): void {
      place.remove();
      resolve(answer);
    }
    draw();
    dialog().showModal();
  });
}
