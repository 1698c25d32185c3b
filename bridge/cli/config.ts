import { exampleConfig } from '../config/example.js';
import { command } from './command.js';
import { say } from './io.js';

export const configCheck = command({
  name: 'config check',
  summary: 'Reads the configuration and names every fault at once.',
  options: {},
  run: async (call) => {
    const { http, ejabberd, database } = call.settings();
    say(
      call.io,
      `The configuration is complete${call.configFile === undefined ? ' (from the environment alone)' : `: ${call.configFile}`}.`,
    );
    say(
      call.io,
      `Bridge on ${http.host}:${http.port}, ejabberd host ${ejabberd.host}, database ${database.name}. “foyer doctor” tries them.`,
    );
  },
});

export const configExample = command({
  name: 'config example',
  summary: 'Prints a configuration file with every setting, its meaning and its default.',
  options: {},
  run: async ({ io }) => void io.stdout.write(exampleConfig()),
});
