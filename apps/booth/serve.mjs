#!/usr/bin/env node
// Serves a built page on this machine alone, with the headers it is to be served with anywhere.
//
//   node serve.mjs FOLDER [--port 8000]
//
// Exit codes: 2 bad arguments, 3 the port is taken or FOLDER holds no page.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const kTypes = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

/// The policy that index.html carries, and what only a header can say.
async function headers(folder) {
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  const policy = page.match(/http-equiv="Content-Security-Policy" content="([^"]+)"/)[1];
  return {
    'Content-Security-Policy': `${policy}; frame-ancestors 'none'`,
    'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    // The browser asks each time, and is told with a few bytes that nothing is new.
    'Cache-Control': 'no-cache',
  };
}

function fileFor(folder, url) {
  const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path));
  return file.startsWith(folder + sep) ? file : null;
}

async function answer(folder, common, request, response) {
  const refuse = (code) =>
    response.writeHead(code, { ...common, 'Content-Type': 'text/plain' }).end(`${code}\n`);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
  let body;
  let file;
  try {
    file = fileFor(folder, request.url);
    if (!file || !(await stat(file)).isFile()) return refuse(404);
    body = await readFile(file);
  } catch {
    return refuse(404);
  }
  const tag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  if (request.headers['if-none-match'] === tag) return response.writeHead(304, { ...common, ETag: tag }).end();
  response.writeHead(200, {
    ...common,
    ETag: tag,
    'Content-Type': kTypes[extname(file)] ?? 'application/octet-stream',
    'Content-Length': body.length,
  });
  return response.end(request.method === 'HEAD' ? undefined : body);
}

/// A server of `folder` that listens; port 0 takes a free one. Rejected where it cannot.
export async function serve(folder, port) {
  const root = resolve(folder);
  const common = await headers(root);
  const server = createServer((request, response) => answer(root, common, request, response));
  await new Promise((done, failed) => server.once('error', failed).listen(port, '127.0.0.1', done));
  return server;
}

function readArguments(words) {
  const options = { folder: '', port: 8000 };
  for (let i = 0; i < words.length; ++i) {
    const [name, joined] = words[i].split('=', 2);
    if (name === '--port') {
      const value = joined ?? words[++i] ?? '';
      if (!/^\d{1,5}$/.test(value) || Number(value) > 65535)
        fail(2, `--port takes 0 to 65535, got \`${value}\``);
      options.port = Number(value);
    } else if (name.startsWith('-')) {
      fail(2, `unknown argument ${name}`);
    } else {
      options.folder = words[i];
    }
  }
  if (!options.folder) fail(2, 'which folder?');
  return options;
}

function fail(code, message) {
  process.stderr.write(`serve: ${message}\n`);
  process.exit(code);
}

async function main() {
  const { folder, port } = readArguments(process.argv.slice(2));
  try {
    const server = await serve(folder, port);
    process.stdout.write(`http://localhost:${server.address().port} shows the page, until Ctrl-C\n`);
  } catch (error) {
    if (error.code === 'EADDRINUSE') fail(3, `port ${port} is taken; --port takes another`);
    fail(3, `${folder}: ${error.message}`);
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
