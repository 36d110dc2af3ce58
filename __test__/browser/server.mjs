// A static server as a host of single-page applications runs it: files with their types, index.html for page addresses, 404 for
// every other miss. It remembers what was asked of it, because a browser does not tell everything (workers, fonts, favicons).
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * Serves `dist` on a free loopback port.
 * @returns {Promise<{ origin: string, asked: Map<string, number>, close(): Promise<void> }>} `asked`: path -> status, in order.
 */
export async function serve(dist) {
  const asked = new Map();
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const found = await find(dist, path, request.headers.accept ?? '');
    asked.set(path, found ? 200 : 404);
    if (!found) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`no ${path}`);
      return;
    }
    response.writeHead(200, { 'content-type': types[extname(found)] ?? 'application/octet-stream', 'cache-control': 'no-cache' });
    createReadStream(found).pipe(response);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    asked,
    close: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  };
}

async function find(dist, path, accept) {
  const file = normalize(join(dist, path));
  if (file !== normalize(dist) && !file.startsWith(normalize(dist) + sep)) return null;
  if (await isFile(file)) return file;
  // A missing script must never be answered with the page: that hides the fault behind a syntax error.
  const isPage = extname(path) === '' && accept.includes('text/html');
  return isPage ? join(dist, 'index.html') : null;
}

const isFile = (file) =>
  stat(file).then(
    (s) => s.isFile(),
    () => false,
  );
