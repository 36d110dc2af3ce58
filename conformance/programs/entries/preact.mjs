// Renders on the server side of the virtual tree, with hooks, context and signals of the compat layer.
import { cloneElement, createContext, Fragment, h, options, toChildArray } from 'preact';
import { useContext, useMemo, useReducer } from 'preact/hooks';
import React, { forwardRef, lazy, memo, Suspense } from 'preact/compat';
import { jsx } from 'preact/jsx-runtime';
import { renderToString } from 'preact-render-to-string';

const Theme = createContext('light');
const Row = memo(forwardRef(({ x }, ref) => h('li', { ref, class: useContext(Theme) }, x)));
function App({ n }) {
  const [state] = useReducer((s, a) => s + a, n);
  const squares = useMemo(() => Array.from({ length: state }, (_, i) => i * i), [state]);
  return h(Fragment, null, h(Theme.Provider, { value: 'dark' }, squares.map((x) => h(Row, { key: x, x }))), jsx('input', { value: 'a"b', disabled: true }), h(Suspense, { fallback: 'wait' }, cloneElement(h('b', { title: 1 }), { title: 2 }, 'c')));
}
console.log(renderToString(h(App, { n: 4 })), toChildArray([null, [1, 'a']]).length, React.version, typeof lazy, Object.keys(options).length);
