/** Asks before something is done: what it will do, and the reason where one is kept. The browser's own dialog: it holds the focus, Escape closes it. */
import { html, nothing, render } from '../vendor/lit.js';
import { button, type Content } from './parts.js';
import { entered, field } from './field.js';

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
  };
  /** A text that has to be typed first, such as the name of who is to be erased. */
  readonly typed?: { readonly label: string; readonly text: string };
}

export interface Answer {
  /** Trimmed; empty where none was given or asked for. */
  readonly reason: string;
}

/** Null: it is not to be done. */
export function ask(question: Question): Promise<Answer | null> {
  return new Promise((resolve) => {
    const place = document.createElement('div');
    document.body.append(place);
    let answer: Answer | null = null;
    let typed = '';
    const draw = () => render(template(), place);
    const dialog = () => place.querySelector('dialog') as HTMLDialogElement;
    const close = () => dialog().close();

    function template() {
      const { reason } = question;
      return html`<dialog aria-labelledby="dialog-title" @close=${leave}>
        <form
          method="dialog"
          @submit=${(event: Event) => {
            answer = { reason: (entered(event).reason ?? '').trim() };
            close();
          }}
        >
          <h2 id="dialog-title">${question.title}</h2>
          <div class="dialog-body">${question.body ?? nothing}</div>
          ${reason ? field({ name: 'reason', lines: 3, maxlength: 500, ...reason }) : nothing}
          ${
            question.typed
              ? field({
                  name: 'typed',
                  label: question.typed.label,
                  autocomplete: 'off',
                  onInput: type,
                  isRequired: true,
                })
              : nothing
          }
          <footer>
            ${button({ text: 'Cancel', kind: 'quiet', onClick: close })}
            ${button({
              ...{ text: question.action, kind: question.isDangerous ? 'danger' : 'primary', isSubmit: true },
              isDisabled: question.typed !== undefined && typed !== question.typed.text,
            })}
          </footer>
        </form>
      </dialog>`;
    }
    function type(text: string): void {
      typed = text;
      draw();
    }
    function leave(): void {
      place.remove();
      resolve(answer);
    }
    draw();
    dialog().showModal();
  });
}
