import { EjabberdError } from '../../outbound/ejabberd/admin-errors.js';
import type { ModFoyerInfo } from '../../outbound/ejabberd/mod-foyer-client.js';
import { describeError } from '../../shared/errors.js';
import { CLOCK_ADVICE } from './clocks.js';
import { onEachHost, type Check, type DoctorContext } from './context.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** After so many milliseconds without a snapshot operators count as offline; two of them must fit in. */
const PING_MOST_MS = 95_000;
const SPOOL_OLD_SECONDS = 60;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/;

export const modFoyer: Check = {
  name: 'mod_foyer',
  needs: ['ejabberd'],
  run: onEachHost(async ({ modFoyer: client, settings }, host) => {
    try {
      const info = await client.info(host);
      return [ok(`mod_foyer ${info.version} is loaded on ${host}`), ...optionsOf(info, settings)];
    } catch (error) {
      const code = error instanceof EjabberdError ? error.code : undefined;
      if (code === 'unknown_command') {
        return [
          fail(
            'mod_foyer isn’t loaded',
            'ejabberdctl module_install mod_foyer, add it under modules in ejabberd.yml, ejabberdctl reload_config',
          ),
        ];
      }
      if (code === 'not_found')
        return [
          fail(`mod_foyer isn’t loaded on ${host}`, 'add it under modules (or append_host_config) for this host'),
        ];
      if (code === 'denied')
        return [fail('the API account may not run foyer_info', 'give it the foyer_ commands under api_permissions')];
      return [fail(`mod_foyer doesn’t answer (${describeError(error)})`, 'see ejabberd’s log')];
    }
  }),
};

/** The way from mod_foyer to the bridge, with a signed event. */
export const hooks: Check = {
  name: 'hooks',
  needs: ['mod_foyer'],
  run: onEachHost(async ({ modFoyer: client }, host) => {
    const { ok: taken, httpStatus, reason, answer, milliseconds } = await client.testEvent(host);
    if (taken) return [ok(`mod_foyer reaches the bridge, which accepts its signature (${milliseconds} ms)`)];
    if (httpStatus === 0)
      return [
        fail(
          `mod_foyer doesn’t get an answer from hooks_url (${reason})`,
          'start the bridge, or set mod_foyer’s hooks_url to its address with /hooks/ejabberd',
        ),
      ];
    const clock = /"clock":"([^"]{1,60})"/.exec(answer)?.[1];
    if (httpStatus === 401 && clock !== undefined)
      return [fail(`the bridge refuses mod_foyer’s events: ejabberd’s clock is ${clock}`, CLOCK_ADVICE)];
    if (httpStatus === 401)
      return [
        fail(
          `the bridge refuses mod_foyer’s signature (${codeIn(answer)})`,
          'the same secret must be in mod_foyer’s hooks_secrets and in hooks.secrets here',
        ),
      ];
    if (httpStatus === 404)
      return [
        fail(
          'hooks_url leads to something else (404)',
          'set mod_foyer’s hooks_url to the bridge’s address with /hooks/ejabberd',
        ),
      ];
    return [fail(`the bridge answers mod_foyer with ${httpStatus} (${codeIn(answer)})`, 'see the bridge’s log')];
  }),
};

export const spool: Check = {
  name: 'spool',
  needs: ['mod_foyer'],
  run: onEachHost(async ({ modFoyer: client }, host) => {
    const { state, depth, oldestAgeSeconds, lastError, writeError } = await client.spoolInfo(host);
    if (writeError !== '')
      return [
        fail(
          `mod_foyer can’t write its spool (${writeError}): operators’ messages are refused`,
          'make room on the disk of its spool_dir, or let ejabberd write there; it goes on by itself',
        ),
      ];
    if (state === 'paused')
      return [fail(`mod_foyer’s spool is paused with ${depth} events`, 'ejabberdctl foyer_spool_resume HOST')];
    if (depth > 0 && oldestAgeSeconds > SPOOL_OLD_SECONDS) {
      return [
        fail(
          `${depth} events wait in mod_foyer’s spool, the oldest for ${oldestAgeSeconds} s (${lastError === '' ? 'no error' : lastError})`,
          'see why the bridge doesn’t take them',
        ),
      ];
    }
    return [ok(`mod_foyer’s spool holds ${depth} events`)];
  }),
};

function optionsOf({ options }: ModFoyerInfo, settings: DoctorContext['settings']): Finding[] {
  const faults: Finding[] = [];
  const mustBe = (name: string, wanted: string, here: string) => {
    if (options[name] !== wanted)
      faults.push(fail(`mod_foyer’s ${name} is “${options[name] ?? ''}”`, `set it to “${wanted}” (${here})`));
  };
  mustBe('service_account', settings.ejabberd.service_account, 'ejabberd.service_account here');
  mustBe('operators_group', 'operators', 'the bridge’s name for it');
  mustBe('visitors_group', 'visitors', 'the bridge’s name for it');
  faults.push(...hooksUrlFaults(options['hooks_url'] ?? ''));
  if (Number(options['hooks_secrets']) === 0)
    faults.push(fail('mod_foyer has no hooks_secrets', 'set the secret of hooks.secrets here'));
  const ping = Number(options['ping_interval']);
  if (ping > PING_MOST_MS)
    faults.push(
      fail(
        `mod_foyer’s ping_interval is ${ping / 1000} s: operators would count as offline in between`,
        'set it to 60 seconds',
      ),
    );
  const longest = Number(options['max_body']);
  if (longest < settings.limits.message_bytes) {
    faults.push(
      warn(
        `operators may write ${longest} bytes a message, visitors ${settings.limits.message_bytes}`,
        'set mod_foyer’s max_body to limits.message_bytes',
      ),
    );
  }
  return faults.length > 0 ? faults : [ok('mod_foyer’s options fit the bridge’s')];
}

function hooksUrlFaults(text: string): Finding[] {
  if (!URL.canParse(text))
    return [fail('mod_foyer has no hooks_url', 'set it to the bridge’s address with /hooks/ejabberd')];
  const { protocol, hostname, pathname } = new URL(text);
  if (pathname !== '/hooks/ejabberd')
    return [fail(`mod_foyer’s hooks_url ends in ${pathname}`, 'it must end in /hooks/ejabberd')];
  if (protocol === 'http:' && !LOOPBACK.test(hostname))
    return [warn('messages go from mod_foyer to the bridge unencrypted', 'use https, or a network of your own')];
  return [];
}

/** The bridge's problem code; something else's answer isn't repeated. */
function codeIn(answer: string): string {
  return /"code":"([a-z_]{1,40})"/.exec(answer)?.[1] ?? 'no code';
}
