// Streams and strings, suspense, context, errors.
import React, { createContext, StrictMode, Suspense, use, useId, useMemo, useReducer } from 'react';
import { jsx, jsxs } from 'react/jsx-runtime';
import { renderToPipeableStream, renderToStaticMarkup, renderToString } from 'react-dom/server';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

const Theme = createContext('light');
const later = new Promise((done) => setTimeout(done, 10, 'data'));
const Late = () => jsx('em', { children: use(later) });
class Old extends React.Component { state = { n: 1 }; static contextType = Theme; render() { return jsxs('p', { children: [this.state.n, this.context] }); } }
function App() {
  const [n] = useReducer((x) => x + 1, 3, (x) => x * 2);
  return jsx(StrictMode, { children: jsxs('main', { id: useId(), style: { fontSize: n, WebkitTransition: 'all' }, children: [jsx(Old, {}), jsx(Theme, { value: 'dark', children: jsx(Old, {}) }), useMemo(() => jsx('input', { defaultValue: '<x>', readOnly: true }), [])] }) });
}
console.log(renderToString(jsx(App, {})), renderToStaticMarkup(jsx('svg', { viewBox: '0 0 1 1', children: jsx('use', { xlinkHref: '#a' }) })), React.version);
const stream = await new Promise((done, fail) => {
  const { pipe } = renderToPipeableStream(jsx('html', { children: jsx('body', { children: jsx(Suspense, { fallback: 'wait', children: jsx(Late, {}) }) }) }), { onShellReady: () => done(pipe(new PassThrough())), onError: fail });
});
console.log(await text(stream));
try { renderToString(jsx(() => { throw new Error('inside'); }, {})); } catch (error) { console.log(error.message); }
