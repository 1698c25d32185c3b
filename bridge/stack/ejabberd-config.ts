import { stringify } from 'yaml';

/** What the private ejabberd's configuration depends on. */
export interface EjabberdSettings {
  hosts: readonly [string, ...string[]];
  c2sPort: number;
  httpPort: number;
  /** Local part of the account, on the first host, that may use the REST API. */
  apiUser: string;
  logLevel: 'warning' | 'info' | 'debug';
  /** mod_foyer's options, or undefined to leave the module out (until it is compiled). */
  modFoyer: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The commands that the bridge may run over the REST API, and no others. An unknown name does no harm: ejabberd
 * matches names when a command is called.
 */
export const API_COMMANDS: readonly string[] = [
  ...['register', 'unregister', 'check_account', 'change_password', 'set_vcard', 'set_vcard2', 'get_vcard'],
  ...['srg_create', 'srg_delete', 'srg_get_info', 'srg_get_members', 'srg_list', 'srg_user_add', 'srg_user_del'],
  ...['kick_session', 'kick_user', 'user_sessions_info', 'connected_users_number', 'num_resources', 'get_presence'],
  ...['status', 'stats', 'remove_mam_for_user', 'remove_mam_for_user_with_peer'],
  ...['create_room_with_opts', 'destroy_room', 'send_direct_invitation', 'change_room_option', 'get_room_options'],
  ...['get_room_occupants', 'muc_online_rooms', 'set_room_affiliation', 'get_room_affiliations'],
  'oauth_issue_token',
  ...['foyer_spool_info', 'foyer_spool_resend', 'foyer_spool_pause', 'foyer_spool_resume', 'foyer_info'],
  ...['foyer_test_event', 'foyer_provision', 'foyer_unprovision', 'foyer_set_names'],
  ...['foyer_rooms', 'foyer_create_rooms', 'foyer_destroy_rooms', 'foyer_admit_to_room'],
  ...['foyer_put_out_of_room', 'foyer_destroy_rooms_of'],
];

/** Logins come in storms (a restart, a busy page); ejabberd's default of 5 waiting connections drops most of one. */
const BACKLOG = 4096;

/** Visitors, chats and operators whose password is known without asking the database; the default is 1,000. */
const CACHED_ACCOUNTS = 200_000;

/** The whole `ejabberd.yml`. It holds the secrets of mod_foyer's options: write it for the owner's eyes only. */
export function ejabberdYml(settings: EjabberdSettings): string {
  const loopback = '127.0.0.1';
  return stringify({
    hosts: settings.hosts,
    loglevel: settings.logLevel,
    hide_sensitive_log_data: true,
    acme: { auto: false },
    auth_method: 'internal',
    // Operators may sign in to the operators' page by a token; visitors and the API's account can't.
    oauth_access: 'oauth',
    auth_cache_size: CACHED_ACCOUNTS,
    cache_size: CACHED_ACCOUNTS,
    s2s_access: 'none',
    listen: [
      {
        port: settings.c2sPort,
        ip: loopback,
        module: 'ejabberd_c2s',
        backlog: BACKLOG,
        max_stanza_size: 524_288,
        shaper: 'c2s_shaper',
        access: 'c2s',
        starttls: false,
      },
      {
        port: settings.httpPort,
        ip: loopback,
        module: 'ejabberd_http',
        backlog: BACKLOG,
        default_host: settings.hosts[0],
        request_handlers: { '/api': 'mod_http_api', '/ws': 'ejabberd_http_ws' },
      },
    ],
    acl: {
      local: { user_regexp: '' },
      loopback: { ip: ['127.0.0.0/8', '::1/128'] },
      foyer_api: { user: [`${settings.apiUser}@${settings.hosts[0]}`] },
      visitors: { user_regexp: '^visitor[.]' },
    },
    access_rules: {
      local: { allow: 'local' },
      c2s: [{ deny: 'foyer_api' }, { allow: 'all' }],
      oauth: [{ deny: 'visitors' }, { deny: 'foyer_api' }, { allow: 'local' }],
      // Since 26.07 ejabberd asks this rule too about commands that name a host. It never knows an address.
      configure: [{ allow: 'foyer_api' }],
      muc_create: [{ deny: 'visitors' }, { allow: 'local' }],
      pubsub_createnode: [{ deny: 'visitors' }, { allow: 'local' }],
    },
    api_permissions: {
      'console commands': { from: ['ejabberd_ctl'], who: 'all', what: '*' },
      // Within one `allow` all must match: the bridge's account, and from this machine.
      'the bridge': {
        from: ['mod_http_api'],
        who: { access: [{ allow: [{ acl: 'loopback' }, { acl: 'foyer_api' }] }] },
        what: API_COMMANDS,
      },
    },
    shaper: { fast: 50_000_000 },
    shaper_rules: {
      max_user_sessions: 10,
      max_user_offline_messages: new Map([[5000, 'all']]),
      c2s_shaper: 'none',
    },
    modules: {
      mod_adhoc: {},
      mod_admin_extra: {},
      mod_blocking: {},
      mod_caps: {},
      mod_carboncopy: {},
      mod_client_state: {},
      mod_disco: {},
      mod_http_api: {},
      mod_last: {},
      mod_mam: { default: 'always' },
      mod_muc: {
        access_create: 'muc_create',
        access_persistent: 'muc_create',
        access_admin: 'none',
        // The service account is in the room of every group, and of every chat to which colleagues were invited.
        max_user_conferences: 10_000,
        default_room_options: { mam: true },
      },
      mod_muc_admin: {},
      mod_offline: { access_max_user_messages: 'max_user_offline_messages' },
      mod_ping: { send_pings: true, ping_interval: '60s', ping_ack_timeout: '30s', timeout_action: 'kill' },
      mod_privacy: {},
      mod_private: {},
      mod_pubsub: { access_createnode: 'pubsub_createnode', plugins: ['flat', 'pep'], ignore_pep_from_offline: true },
      // Without versions: for them ejabberd would hash an operator's whole roster whenever one visitor comes or goes.
      mod_roster: {},
      mod_shared_roster: {},
      // What an operator's client didn't acknowledge waits for its next login: not every client reads the archive.
      mod_stream_mgmt: { resume_timeout: '300s', ack_timeout: '60s', resend_on_timeout: 'if_offline' },
      mod_time: {},
      mod_vcard: { search: false },
      mod_vcard_xupdate: {},
      mod_version: { show_os: false },
      ...(settings.modFoyer === undefined ? {} : { mod_foyer: settings.modFoyer }),
    },
  });
}
