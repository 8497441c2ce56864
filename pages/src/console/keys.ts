/** The console by keyboard. */
export interface Keys {
  readonly help: () => void;
  /** Closes what is open. */
  readonly escape: () => void;
}

/** Returns what ends it. */
export function listenToKeys({ help, escape }: Keys): () => void {
  const acts: Readonly<Record<string, () => void>> = {
    '/': () => document.querySelector<HTMLElement>('#search')?.focus(),
    j: () => moveRow(1),
    k: () => moveRow(-1),
    '?': help,
  };
  function onKey(key: KeyboardEvent): void {
    if (key.key === 'Escape') return escape();
    const isTyping = key.target instanceof HTMLElement && key.target.matches('input, select, textarea');
    const act = acts[key.key];
    if (!act || isTyping || key.ctrlKey || key.metaKey || key.altKey) return;
    act();
    key.preventDefault();
  }
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

/** To the next row of the page, or the one before. */
function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.console-main .hop')].filter(
    (row) => row.offsetParent !== null,
  );
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const to = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[to]?.focus();
}
