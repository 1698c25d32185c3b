/** On every answer. Pages of the bridge's own, which show and run something, have a content policy of their own in its place. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  // Answers hold what was said, and now and then a secret. Files say otherwise for themselves.
  'Cache-Control': 'no-store',
};
