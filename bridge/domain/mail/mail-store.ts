/** How many mails people may ask for. */
export interface MailRules {
  /** Of one chat, ever. */
  perChat: number;
  /** To one address within 24 hours, over all chats of the instance. */
  perAddress: number;
}

export interface MailStore {
  /** Null: this bridge sends no mail. */
  readonly rules: MailRules | null;
  /** Mails that were asked for: of the chat, and to the address within the last 24 hours by the database's clock. */
  counts(instanceId: number, chatId: number, address: string): Promise<{ chat: number; address: number }>;
  /** Whether whoever asked for this has asked before. */
  isKnown(chatId: number, senderKey: string): Promise<boolean>;
  add(mail: { id: string; instanceId: number; chatId: number; senderKey: string; address: string }): void;
}
