/**
 * Whether this tab listens: always while it is in front; of the tabs behind only one, because a browser opens no more than six
 * connections to a host over HTTP/1.1 and each listener holds one. Calls back at each change.
 */
export function takeTurns(name: string, onTurn: (listen: boolean) => void): void {
  let release: (() => void) | null = null;

  async function hide(): Promise<void> {
    if (!('locks' in navigator)) return;
    await navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (!document.hidden) return;
      if (lock) return new Promise<void>((resolve) => (release = resolve));
      onTurn(false);
    });
  }

  const turn = (): void => {
    release?.();
    release = null;
    if (document.hidden) void hide();
    else onTurn(true);
  };
  document.addEventListener('visibilitychange', turn);
  if (document.hidden) turn();
}
