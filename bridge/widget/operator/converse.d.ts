/** What the operators' page uses of Converse.js. */
interface Converse {
  initialize(settings: Record<string, unknown>): Promise<void>;
  env: { Strophe: { SASLXOAuth2: unknown } };
}

interface Window {
  converse: Converse;
}
