// A client against a server on the loopback address: interceptors, timeouts, forms, cancellation.
import { createServer } from 'node:http';
import axios, { AxiosError, AxiosHeaders } from 'axios';

const server = createServer(async (req, res) => {
  let body = '';
  for await (const part of req) body += part;
  if (req.url.startsWith('/slow')) return;
  if (req.url.startsWith('/moved')) return res.writeHead(302, { location: '/end' }).end();
  res.writeHead(req.url.startsWith('/bad') ? 422 : 200, { 'content-type': 'application/json', 'x-kind': 'test' });
  res.end(JSON.stringify({ method: req.method, url: req.url, body: body.replaceAll(/-{4,}\S+/g, '(boundary)'), type: req.headers['content-type']?.split(';')[0], mark: req.headers['x-mark'] }));
}).listen(0, '127.0.0.1', async () => {
  const client = axios.create({ baseURL: `http://127.0.0.1:${server.address().port}`, params: { fixed: 1 }, proxy: false });
  client.interceptors.request.use((config) => { config.headers.set('X-Mark', 'm'); return config; });
  client.interceptors.response.use((answer) => ({ ...answer, data: { seen: true, ...answer.data } }));
  console.log((await client.get('/a', { params: { list: [1, 2], when: new Date(0) } })).data);
  console.log((await client.post('/b', { x: { y: [1] } })).data, (await client.postForm('/c', { f: 'v' })).data.type, (await client.get('/moved')).data.url);
  for (const [path, options] of [['/bad', {}], ['/slow', { timeout: 30 }], ['/slow', { signal: AbortSignal.timeout(30) }]]) await client.get(path, options).catch((error) => console.log(error instanceof AxiosError, error.code, error.response?.status, axios.isCancel(error)));
  console.log(new AxiosHeaders({ 'content-type': 'a' }).get('Content-Type'), axios.getUri({ url: '/x', params: { a: 'b c' } }), axios.VERSION.split('.').length);
  server.closeAllConnections();
  server.close();
});
