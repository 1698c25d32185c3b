/** An XMPP account that Foyer provisions on ejabberd. */
export interface Account {
  id: number;
  instanceId: number;
  kind: AccountKind;
  /** Localpart, already in nodeprep form (lower case). */
  local: string;
  /** The ejabberd virtual host. */
  host: string;
  /** What operators read instead of the JID. */
  name: string;
  /** Shared roster group that the account belongs to; empty for the service account. */
  rosterGroup: string;
  /** Of a desk's pool: stands for one visitor after the other. */
  pooled: boolean;
  state: AccountState;
}

export type AccountKind = 'visitor' | 'chat' | 'operator' | 'service';

/** `wanted`: not on ejabberd yet; `ready`: it is; `locked`: nobody can log in; `removing`: being taken away; `removed`: gone. */
export type AccountState = 'wanted' | 'ready' | 'locked' | 'removing' | 'removed';

/** An account together with what is needed to log in. Never logged, never put into JSON. */
export interface AccountWithPassword extends Account {
  password: string;
}

export function bareJid(account: Pick<Account, 'local' | 'host'>): string {
  return `${account.local}@${account.host}`;
}
