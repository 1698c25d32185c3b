/** A visitor as the console shows it. */
export interface Contact {
  /** Counts from 1, in the order in which they were first seen; what the operator types. */
  readonly number: number;
  /** Bare JID. */
  readonly jid: string;
  name: string;
  online: boolean;
  /** What the presence says: page, origin, language. */
  status: string;
}

/** Everybody on the operator's list, with short numbers. */
export class Contacts {
  private readonly byJid = new Map<string, Contact>();
  private last: Contact | undefined;

  /** The contact of this bare JID; numbered now if it is new. */
  of(jid: string): Contact {
    const known = this.byJid.get(jid);
    if (known) return known;
    const contact = { number: this.byJid.size + 1, jid, name: jid.split('@')[0] ?? jid, online: false, status: '' };
    this.byJid.set(jid, contact);
    return contact;
  }

  find(number: number): Contact | undefined {
    return this.all().find((contact) => contact.number === number);
  }

  all(): Contact[] {
    return [...this.byJid.values()];
  }

  /** Whom the operator last heard from or wrote to. */
  get latest(): Contact | undefined {
    return this.last;
  }

  turnTo(contact: Contact): void {
    this.last = contact;
  }
}
