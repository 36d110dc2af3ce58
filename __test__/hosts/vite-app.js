// An application of two pages that asks Vite for most of what it has, and writes down what it got.
import { symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** 1 x 1, transparent. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

export const APPLICATION = {
  'package.json': '{ "name": "application", "type": "module" }',
  'index.html': `<!doctype html>
<html lang="en">
  <head><title>%VITE_TITLE%</title><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="./src/page.css"></head>
  <body><h1 class="title">Page</h1><img id="large" src="./src/large.svg" alt=""><pre id="report"></pre>
    <script type="module">import { report } from './src/report.ts'; report('inline', 'script');</script>
    <script type="module" src="./src/main.ts"></script>
  </body>
</html>`,
  'about/index.html': `<!doctype html>
<html lang="en"><head><title>About</title></head><body><pre id="report"></pre><script type="module" src="../src/about.ts"></script></body></html>`,
  '.env': 'VITE_TITLE=Features\nVITE_WORD=word',
  'public/icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'public/note.txt': 'public',
  'src/report.ts': `type Entry = [string, unknown];
const entries: Entry[] = [];
export function report(name: string, value: unknown): void {
  entries.push([name, value]);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  document.querySelector('#report')!.textContent = JSON.stringify(entries, null, 1);
}`,
  'src/main.ts': `import { report } from './report';
import './main.css';
import styles from './card.module.css';
import inlineCss from './inline.css?inline';
import small from './small.png';
import large from './large.svg';
import url from './data.txt?url';
import raw from './data.txt?raw';
import Counter from './counter.ts?worker';
import { version, list } from './data.json';
import * as everything from './data.json';
import { used } from './library';
import common from './common.cjs';
import { Kind, label } from './kinds';
const path = (value: string) => value.replace(/-[\\w-]{8}(?=\\.)/, '');
report('module css', Object.keys(styles).join());
report('inline css', inlineCss.includes('hotpink'));
report('assets', [small.slice(0, 22), path(new URL(large, location.href).pathname), path(new URL(url, location.href).pathname), raw.trim()]);
report('json', [version, list, Object.keys(everything).sort()]);
report('env', [import.meta.env.MODE, import.meta.env.PROD, import.meta.env.VITE_WORD, import.meta.env.BASE_URL, import.meta.env.SSR, __DEFINED__, process.env.NODE_ENV]);
report('kinds', [Kind.B, label(Kind.A)]);
report('commonjs', [common.answer, common.late()]);
report('used', used());
const pages = import.meta.glob('./pages/*.ts');
const names = import.meta.glob('./pages/*.ts', { eager: true, import: 'name' });
report('glob', [Object.keys(pages), Object.values(names)]);
for (const key of Object.keys(pages)) pages[key]().then((page: any) => report('page ' + key, page.name));
const which = ['one', 'two'][location.hash.length];
import(\`./variants/\${which}.ts\`).then(({ default: variant }) => report('variant', variant));
import('./lazy').then(async ({ lazy, color }) => report('lazy', [lazy, await color()]));
const worker = new Counter();
worker.onmessage = ({ data }) => report('worker', data);
worker.postMessage(20);
const second = new Worker(new URL('./second.ts', import.meta.url), { type: 'module' });
second.onmessage = ({ data }) => report('second worker', data);
second.postMessage('hello');
fetch(new URL('./data.txt', import.meta.url)).then((response) => response.text()).then((text) => report('new URL', text.trim()));
document.querySelector('h1')!.className += ' ' + styles.card;
declare const __DEFINED__: string;`,
  'src/about.ts': `import { report } from './report';
import './common-style.css';
report('about', import.meta.env.VITE_TITLE);
import('./lazy').then(({ lazy }) => report('lazy', lazy));`,
  'src/lazy.ts': `import './lazy.css';
import { used } from './library';
export const lazy = 'lazy ' + used();
export const color = async () => getComputedStyle(document.body).outlineColor;`,
  'src/library.ts': `export function used() { return ['used'].join(); }
export function unused() { return 'this text is not wanted'; }`,
  'src/kinds.ts': `export enum Kind { A, B }
export const label = (kind: Kind): string => Kind[kind];`,
  'src/common.cjs': `const part = require('./part.cjs');
exports.answer = part.half * 2;
exports.late = () => require('./part.cjs').half;`,
  'src/part.cjs': 'module.exports = { half: 21 };',
  'src/counter.ts': `import { used } from './library';
self.onmessage = ({ data }: MessageEvent<number>) => self.postMessage([used(), data + 1]);`,
  'src/second.ts': `import { used } from './library';
onmessage = ({ data }) => postMessage(data + ' ' + used());`,
  'src/pages/a.ts': "export const name = 'page a';",
  'src/pages/b.ts': "import '../common-style.css';\nexport const name = 'page b';",
  'src/variants/one.ts': "export default 'first';",
  'src/variants/two.ts': "export default 'second';",
  'src/data.json': '{ "version": "1.2.3", "list": [1, 2, 3], "not used": true }',
  'src/data.txt': 'some text\n',
  'src/page.css': "@import './imported.css';\n.title { color: rgb(1, 2, 3); background: url('./large.svg') no-repeat }",
  'src/imported.css': 'h1 { letter-spacing: 3px }',
  'src/main.css': 'body { margin: 5px; background-image: url(./small.png) }',
  'src/inline.css': 'p { color: hotpink }',
  'src/common-style.css': 'pre { border: 1px solid rgb(9, 9, 9) }',
  'src/lazy.css': 'body { outline: 2px solid rgb(4, 5, 6) }',
  'src/card.module.css': '.base { font-style: italic }\n.card { padding: 7px; composes: base }',
  'src/small.png': PIXEL,
  'src/large.svg': `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><!--${'large '.repeat(1000)}--></svg>`,
};

/** Vite is looked up in the application. @param {{ at: (name: string) => string }} app */
export function linkPackages(app) {
  symlinkSync(fileURLToPath(new URL('./node_modules', import.meta.url)), app.at('node_modules'));
}
