// Serves requests on the loopback address: routing, bodies, static answers, errors, streams.
import express, { Router } from 'express';

const app = express();
app.set('etag', 'strong');
app.use(express.json(), express.urlencoded({ extended: true }));
const router = Router({ mergeParams: true });
router.route('/:id').get((req, res) => res.json({ params: req.params, query: req.query })).post((req, res) => res.status(201).send(req.body));
app.use('/items/:shop', router);
app.get('/text', (req, res) => res.type('text').cookie('a', 'b', { httpOnly: true }).send('plain'));
app.get('/away', (req, res) => res.redirect(302, '/text'));
app.get('/fail', () => { throw Object.assign(new Error('broken'), { status: 418 }); });
app.get('/files/*path', (req, res) => res.json(req.params.path));
app.use((error, req, res, next) => res.status(error.status ?? 500).json({ error: error.message }));
const server = app.listen(0, '127.0.0.1', async () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  const ask = async (path, init) => {
    const answer = await fetch(origin + path, { redirect: 'manual', ...init });
    console.log(answer.status, answer.headers.get('content-type'), answer.headers.get('etag'), answer.headers.get('location'), answer.headers.get('set-cookie'), await answer.text());
  };
  await ask('/items/tea/7?x[y]=1&x[z]=2');
  await ask('/items/tea/7', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":[1]}' });
  await ask('/items/tea/7', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a[b]=c&d=%20' });
  await ask('/items/tea/7', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
  for (const path of ['/text', '/away', '/fail', '/files/a/b.txt', '/none']) await ask(path);
  server.close();
});
