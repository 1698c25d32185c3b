/** The parts of an XMPP address (RFC 7622), as ejabberd gives it: already prepared, so that parts compare byte by byte. */
export function splitJid(jid: string): { local: string; host: string; resource: string } {
  const slash = jid.indexOf('/');
  const bare = slash === -1 ? jid : jid.slice(0, slash);
  const at = bare.indexOf('@');
  return {
    local: at === -1 ? '' : bare.slice(0, at),
    host: bare.slice(at + 1),
    resource: slash === -1 ? '' : jid.slice(slash + 1),
  };
}
