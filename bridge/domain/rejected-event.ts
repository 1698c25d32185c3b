/** An event of mod_foyer that could not be used, kept until a person decides. */
export interface RejectedEvent {
  id: string;
  /** Null: nobody's that was known. */
  instanceName: string | null;
  code: string;
  reason: string;
  event: Readonly<Record<string, unknown>>;
  receivedAt: Date;
}
