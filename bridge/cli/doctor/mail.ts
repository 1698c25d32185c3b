import { composeMail } from '../../compose-mail.js';
import { describeError } from '../../shared/errors.js';
import type { Check } from './context.js';
import { fail, ok } from './finding.js';

/** Says hello to the mail server, and logs in. */
export const mail: Check = {
  name: 'mail',
  needs: [],
  async run({ core, settings }) {
    const courier = composeMail(core);
    if (courier === null) return [];
    const where = `${settings.mail.host}:${settings.mail.port}`;
    try {
      await courier.test();
      return [ok(`the mail server ${where} takes the login`)];
    } catch (error) {
      return [
        fail(
          `the mail server ${where} can’t be used (${describeError(error)})`,
          'see the section mail of the settings',
        ),
      ];
    } finally {
      courier.close();
    }
  },
};
