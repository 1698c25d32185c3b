import { spawn, type ChildProcess } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../../../bridge/stack/daemon.js';

const WORKERS = 8; // callbacks come while pages are answered
const FPM = ['php-fpm8.2', 'php-fpm8.3', 'php-fpm8.4', 'php-fpm'];

const ROUTER = `<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path !== '/' && !str_starts_with($path, '/index.php') && is_file($_SERVER['DOCUMENT_ROOT'] . $path)) {
    return false;
}
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = $_SERVER['DOCUMENT_ROOT'] . '/index.php';
chdir($_SERVER['DOCUMENT_ROOT']);
require 'index.php';
`;

/** Serves Live Helper Chat over HTTP: by nginx and PHP-FPM where they are installed, as most sites are, else by PHP's own server. */
export class WebServer {
  private processes: ChildProcess[] = [];

  private constructor(
    private readonly dir: string,
    private readonly web: string,
    readonly port: number,
    readonly kind: 'fpm' | 'cli',
  ) {}

  /** @param kind default: FPM where it is installed */
  static async start(dir: string, web: string, port: number, kind?: 'fpm' | 'cli'): Promise<WebServer> {
    const hasFpm = findProgram(...FPM) !== undefined && findProgram('nginx') !== undefined;
    const server = new WebServer(dir, web, port, kind ?? (hasFpm ? 'fpm' : 'cli'));
    await mkdir(join(dir, 'sessions'), { recursive: true });
    if (server.kind === 'fpm') await server.writeConfiguration();
    else await writeFile(join(dir, 'router.php'), ROUTER);
    server.begin();
    return server;
  }

  /** `kill -9` of everything that runs PHP, in whatever it is just doing; then it is started again. */
  async killPhp(): Promise<void> {
    await this.end();
    this.begin();
  }

  async stop(): Promise<void> {
    await this.end();
  }

  private begin(): void {
    const { dir, web, port } = this;
    const settings = {
      'session.save_path': join(dir, 'sessions'),
      'opcache.revalidate_freq': '0',
      display_errors: '0',
    };
    const ini = Object.entries(settings).flatMap(([name, value]) => ['-d', `${name}=${value}`]);
    if (this.kind === 'cli') {
      const args = [...ini, '-S', `127.0.0.1:${port}`, '-t', web, join(dir, 'router.php')];
      this.processes = [this.spawn('php', args)];
      return;
    }
    const asRoot = process.getuid?.() === 0 ? ['-R'] : [];
    this.processes = [
      this.spawn(findProgram(...FPM) ?? '', [...ini, ...asRoot, '-F', '-y', join(dir, 'fpm.conf')]),
      this.spawn('nginx', ['-p', dir, '-e', join(dir, 'nginx.log'), '-c', join(dir, 'nginx.conf')]),
    ];
  }

  private spawn(command: string, args: string[]): ChildProcess {
    const log = openSync(join(this.dir, 'web.log'), 'a');
    const env = { ...process.env, PHP_CLI_SERVER_WORKERS: String(WORKERS) };
    return spawn(command, args, { cwd: this.web, detached: true, stdio: ['ignore', log, log], env });
  }

  private async end(): Promise<void> {
    await Promise.all(
      this.processes.map(async (child) => {
        if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        // Its workers are of its process group.
        process.kill(-child.pid, 'SIGKILL');
        await ended;
      }),
    );
  }

  private async writeConfiguration(): Promise<void> {
    const { dir, web, port } = this;
    const root = process.getuid?.() === 0;
    const socket = join(dir, 'fpm.sock');
    const fpm = [
      ...['[global]', `error_log = ${dir}/fpm.log`, 'daemonize = no', '[lhc]'],
      ...(root ? ['user = root', 'group = root'] : []),
      ...[`listen = ${socket}`, 'pm = static', `pm.max_children = ${WORKERS}`, 'clear_env = no', `chdir = ${web}`],
    ];
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const nginx = `
pid ${dir}/nginx.pid;
daemon off;
${root ? 'user root;' : ''}
events { worker_connections 512; }
http {
  include /etc/nginx/mime.types;
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${dir}/nginx-${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    root ${web};
    location ~ ^/index\\.php {
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME ${web}/index.php;
      fastcgi_param SCRIPT_NAME /index.php;
      fastcgi_param PHP_SELF /index.php;
      fastcgi_pass unix:${socket};
    }
  }
}`;
    await writeFile(join(dir, 'fpm.conf'), `${fpm.join('\n')}\n`);
    await writeFile(join(dir, 'nginx.conf'), nginx);
  }
}
