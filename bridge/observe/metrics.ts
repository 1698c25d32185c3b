import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Seconds; from below a millisecond to the longest time-out. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30];

/** Every figure that Foyer publishes at /metrics. Labels have few values: never an id, a name or an address. */
export interface Metrics {
  registry: Registry;
  requests: Histogram<'door' | 'route' | 'status'>;
  hookEvents: Counter<'status'>;
  hooksRefused: Counter<'reason'>;
  delivered: Counter<'target' | 'result'>;
  deliverySeconds: Histogram<'target'>;
  outboxDepth: Gauge<'target'>;
  outboxOldestSeconds: Gauge<'target'>;
  lanes: Gauge<'target'>;
  lanesFailing: Gauge<'target'>;
  lanesStalled: Gauge<'target'>;
  deadLetters: Gauge<'target'>;
  rejectedEvents: Gauge;
  callbackSeconds: Histogram<'status'>;
  siteSessions: Counter<'result'>;
  chats: Counter<'what'>;
  waitEstimateError: Histogram<'real'>;
  roomStates: Counter<'state'>;
  roomsOpen: Gauge<'state'>;
  chatsOpen: Gauge<'state'>;
  visitorsOnline: Gauge;
  operatorsOnline: Gauge;
  sessionsWanted: Gauge;
  sessionsOpen: Gauge;
  sessionsOnline: Gauge;
  sessionsSleeping: Gauge;
  sessionFailures: Counter<'code'>;
  listeners: Gauge;
  jobs: Counter<'job' | 'result'>;
  jobDoneSeconds: Gauge<'job'>;
  jobPeriodSeconds: Gauge<'job'>;
  /** 1 or 0. */
  reachable: Gauge<'what'>;
  /** Of the node of ejabberd that answers; without a value while it can't be asked. */
  spoolDepth: Gauge;
  spoolBytes: Gauge;
  spoolOldestSeconds: Gauge;
  spoolRefused: Gauge;
}

export function createMetrics(options: { processMetrics: boolean }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.processMetrics) collectDefaultMetrics({ register: registry, prefix: 'foyer_' });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers });
  return {
    registry,
    requests: new Histogram({
      name: 'foyer_http_request_seconds',
      help: 'Time to answer a request.',
      labelNames: ['door', 'route', 'status'],
      buckets: BUCKETS,
      registers,
    }),
    hookEvents: new Counter({
      name: 'foyer_hook_events_total',
      help: 'Events of mod_foyer by outcome.',
      labelNames: ['status'],
      registers,
    }),
    hooksRefused: new Counter({
      name: 'foyer_hooks_refused_total',
      help: 'Requests to the door of mod_foyer that were refused as a whole, by what was wrong with them.',
      labelNames: ['reason'],
      registers,
    }),
    delivered: new Counter({
      name: 'foyer_outbox_entries_total',
      help: 'Outbox entries by what became of a try.',
      labelNames: ['target', 'result'],
      registers,
    }),
    deliverySeconds: new Histogram({
      name: 'foyer_outbox_delivery_seconds',
      help: 'From the commit of an outbox entry until it had its effect.',
      labelNames: ['target'],
      buckets: BUCKETS,
      registers,
    }),
    outboxDepth: gauge('foyer_outbox_depth', 'Entries waiting.', ['target']),
    outboxOldestSeconds: gauge('foyer_outbox_oldest_seconds', 'Age of the oldest entry waiting.', ['target']),
    lanes: gauge('foyer_outbox_lanes', 'Lanes with entries that wait.', ['target']),
    lanesFailing: gauge('foyer_outbox_lanes_failing', 'Lanes whose first entry failed and is tried again.', ['target']),
    lanesStalled: gauge(
      'foyer_outbox_lanes_stalled',
      'Lanes that are due for more than 30 s, and that no process serves.',
      ['target'],
    ),
    deadLetters: gauge('foyer_dead_letters', 'Entries that were given up and can be sent again by hand.', ['target']),
    rejectedEvents: gauge('foyer_rejected_events', 'Events of mod_foyer that made no sense here and are kept.'),
    callbackSeconds: new Histogram({
      name: 'foyer_callback_seconds',
      help: 'Time that helpdesks took to answer a callback, by class of status; none: no answer.',
      labelNames: ['status'],
      buckets: BUCKETS,
      registers,
    }),
    roomStates: new Counter({
      name: 'foyer_room_states_total',
      help: 'Rooms that came into each state.',
      labelNames: ['state'],
      registers,
    }),
    roomsOpen: gauge('foyer_rooms_open', 'Rooms that there are, by state.', ['state']),
    siteSessions: new Counter({
      name: 'foyer_site_sessions_total',
      help: 'Sessions that were looked up at sites: of a member, of nobody, unreadable (another form or key), or the site’s database was down.',
      labelNames: ['result'],
      registers,
    }),
    chats: new Counter({
      name: 'foyer_chats_total',
      help: 'Chats by what became of them; abandoned: the visitor left before anybody answered, missed: an invitation that nobody answered.',
      labelNames: ['what'],
      registers,
    }),
    waitEstimateError: new Histogram({
      name: 'foyer_wait_estimate_error_seconds',
      help: 'How far the time that a visitor was told when it came into the queue was from the real wait, by whether that was longer or shorter.',
      labelNames: ['real'],
      buckets: [5, 15, 30, 60, 120, 300, 600, 1800],
      registers,
    }),
    chatsOpen: gauge('foyer_chats_open', 'Chats that are not over, by state.', ['state']),
    visitorsOnline: gauge('foyer_visitors_online', 'Visitors within the hard timeout.'),
    operatorsOnline: gauge('foyer_operators_online', 'Operators with an XMPP client online.'),
    sessionsOpen: gauge('foyer_xmpp_sessions_open', 'XMPP sessions that this process holds.'),
    sessionsWanted: gauge(
      'foyer_xmpp_sessions_wanted',
      'Accounts that operators should see online, over all processes.',
    ),
    sessionsOnline: gauge('foyer_xmpp_sessions_online', 'Of the sessions of this process, those that are logged in.'),
    sessionsSleeping: gauge(
      'foyer_xmpp_sessions_sleeping',
      'Of the sessions of this process, those that lost their connection and wait for their next try.',
    ),
    sessionFailures: new Counter({
      name: 'foyer_xmpp_session_failures_total',
      help: 'Logins that failed, and sessions that another login of the account took (conflict).',
      labelNames: ['code'],
      registers,
    }),
    listeners: gauge('foyer_listeners', 'Pages that listen at this process.'),
    spoolDepth: gauge('foyer_spool_depth', 'Events in mod_foyer’s spool.'),
    spoolBytes: gauge('foyer_spool_bytes', 'Bytes in mod_foyer’s spool.'),
    spoolOldestSeconds: gauge('foyer_spool_oldest_seconds', 'Age of the oldest event in mod_foyer’s spool.'),
    spoolRefused: gauge('foyer_spool_refused', 'Events that mod_foyer refused to operators since it was started.'),
    jobs: new Counter({
      name: 'foyer_jobs_total',
      help: 'Runs of cron jobs by outcome.',
      labelNames: ['job', 'result'],
      registers,
    }),
    jobDoneSeconds: gauge('foyer_job_done_seconds', 'Since a cron job last ended well, at whichever process.', ['job']),
    jobPeriodSeconds: gauge('foyer_job_period_seconds', 'How often a cron job is done.', ['job']),
    reachable: gauge('foyer_reachable', 'Whether this part answers the bridge: 1 or 0.', ['what']),
  };
}
