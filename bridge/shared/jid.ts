/** Without the resource. */
export function bareJid(jid: string): string {
  const slash = jid.indexOf('/');
  return slash === -1 ? jid : jid.slice(0, slash);
}

/** The parts of an XMPP address (RFC 7622), as ejabberd gives it: already prepared, so that parts compare byte by byte. */
export function splitJid(jid: string): { local: string; host: string; resource: string } {
  const bare = bareJid(jid);
  const at = bare.indexOf('@');
  return {
    local: at === -1 ? '' : bare.slice(0, at),
    host: bare.slice(at + 1),
    resource: jid.slice(bare.length + 1),
  };
}
