/** RFC 5321 bounds. */
export const ADDRESS_LENGTH = 254;
const LOCAL_LENGTH = 64;

const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/i;
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/**
 * Whether mail can go there: an addr-spec of RFC 5322 as a dot-atom of ASCII, at a domain name. Quoted local parts, comments, lists and address literals are
 * refused, and with them everything that could reach further than one field of one header.
 */
export function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  return (
    text.length <= ADDRESS_LENGTH &&
    at <= LOCAL_LENGTH &&
    LOCAL.test(text.slice(0, at)) &&
    HOST.test(text.slice(at + 1))
  );
}
