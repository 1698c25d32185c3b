/**
 * A callback address as it may be shown, logged and stored in plain: without user information, fragment and the values
 * of its query, any of which may be a credential.
 */
export function shownAddress(text: string): string {
  const { protocol, host, pathname, search } = new URL(text);
  const query = search === '' ? '' : `?${search.slice(1).split('&').map(hidden).join('&')}`;
  return `${protocol}//${host}${pathname}${query}`;
}

/** A part without a name is all value. */
function hidden(part: string): string {
  const equals = part.indexOf('=');
  return equals < 0 ? '…' : `${part.slice(0, equals)}=…`;
}
