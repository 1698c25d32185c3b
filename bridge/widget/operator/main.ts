/** The operators' page: signs in by the link's token, once, and has Converse.js fetch a login for each connection. */

interface Login {
  jid: string;
  websocket_url: string;
  language: string;
}

const LOGIN = '/operator/v1/login';
const word = document.getElementById('word') as HTMLElement;
const out = document.getElementById('out') as HTMLButtonElement;

/** The token is in the fragment, which goes neither to the server nor into logs; it is gone from the address and the history at once. */
async function useLink(): Promise<void> {
  const token = location.hash.slice(1);
  if (token === '') return;
  history.replaceState(null, '', location.pathname);
  const response = await fetch('/operator/v1/session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw new Error(await detailOf(response));
}

async function login(): Promise<Login> {
  const response = await fetch(LOGIN);
  if (!response.ok) throw new Error(await detailOf(response));
  return (await response.json()) as Login;
}

async function detailOf(response: Response): Promise<string> {
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  return problem.detail ?? `The bridge answered ${response.status}.`;
}

async function start(): Promise<void> {
  await useLink();
  const { jid, websocket_url, language } = await login();
  out.hidden = false;
  const { converse } = window;
  await converse.initialize({
    view_mode: 'fullscreen',
    assets_path: '/operator/converse/',
    i18n: language,
    authentication: 'login',
    auto_login: true,
    jid,
    credentials_url: LOGIN,
    websocket_url,
    // The password of a login is a token, which SCRAM knows nothing of.
    connection_options: { mechanisms: [converse.env.Strophe.SASLXOAuth2] },
    discover_connection_methods: false,
    allow_registration: false,
    // Nothing of what visitors say stays in this browser when the tab is closed.
    persistent_store: 'sessionStorage',
    clear_cache_on_logout: true,
    auto_join_on_invite: true,
    muc_respect_autojoin: false,
    blacklisted_plugins: ['converse-register', 'converse-omemo'],
    show_client_info: false,
    auto_reconnect: true,
    // A stream that a reload resumes sends what ejabberd refuses; the archive brings what was missed.
    enable_smacks: false,
  });
}

out.addEventListener('click', () => {
  void fetch('/operator/v1/session', { method: 'DELETE' }).then(() => {
    sessionStorage.clear();
    location.reload();
  });
});

start().catch((error: unknown) => {
  word.textContent = error instanceof Error ? error.message : String(error);
});
