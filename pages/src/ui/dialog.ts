/** Asks before something is done: what it will do, and the reason where one is kept. The browser's own dialog: it holds the focus, Escape closes it. */
import { html, nothing, render } from '../vendor/lit.js';
import type { FieldOptions } from './field.js';
import { createForm } from './form.js';
import { button, type Content } from './parts.js';

export interface Question {
  readonly title: string;
  /** What will happen, or a preview of it. */
  readonly body?: Content;
  /** On the button that does it, as in "Reject and refund". */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Asks for a reason, which the answer has. */
  readonly reason?: Omit<FieldOptions, 'name'>;
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
export function ask({
  title,
  body = nothing,
  action,
  isDangerous,
  reason,
  fields = [],
  act,
}: Question): Promise<Answer | null> {
  return new Promise((resolve) => {
    const place = document.createElement('div');
    document.body.append(place);
    let answer: Answer | null = null;
    const dialog = () => place.querySelector('dialog') as HTMLDialogElement;
    const close = () => dialog().close();
    const form = createForm({ redraw: draw, fail: () => undefined }, async ({ reason: why = '', ...values }) => {
      const given = { reason: why.trim(), values };
      await act?.(given);
      answer = given;
      close();
    });

    function draw(): void {
      const asked = [...fields, ...(reason ? [{ name: 'reason', lines: 3, maxlength: 500, ...reason }] : [])];
      const template = html`<dialog aria-labelledby="dialog-title" @close=${leave}>
        <h2 id="dialog-title">${title}</h2>
        <div class="dialog-body">${body}</div>
        ${form.view({
          fields: asked.map((each) => ({ autocomplete: 'off', ...each })),
          ...{ action, kind: isDangerous ? 'danger' : 'primary' },
          beside: button({ text: 'Cancel', kind: 'quiet', onClick: close }),
        })}
      </dialog>`;
      render(template, place);
    }
    function leave(): void {
      place.remove();
      resolve(answer);
    }
    draw();
    dialog().showModal();
  });
}
