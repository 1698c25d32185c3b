#!/usr/bin/env node
import { commands } from './cli/commands.js';
import { processIo } from './cli/io.js';
import { runCli } from './cli/run-cli.js';

/** What a command that failed half-way left open must not keep the program from ending. */
const LINGER_MS = 1_000;

process.exitCode = await runCli(commands, process.argv.slice(2), processIo());
setTimeout(() => process.exit(), LINGER_MS).unref();
