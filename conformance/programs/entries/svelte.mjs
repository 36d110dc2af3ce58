// The runtime: a compiled component rendered on the server.
import { render } from 'svelte/server';
import { get, writable, derived } from 'svelte/store';
import * as $ from 'svelte/internal/server';

function App($$renderer, { name, list }) {
  $$renderer.push(`<h1>${$.escape(name)}</h1> <ul>`);
  for (const one of $.ensure_array_like(list)) $$renderer.push(`<li${$.attr('title', one)}>${$.escape(one)}</li>`);
  $$renderer.push('</ul>');
}
console.log(render(App, { props: { name: '<b>', list: ['a', '"'] } }).body);
const a = writable(1);
const b = derived(a, (x) => x * 10);
const stop = b.subscribe((x) => console.log(x));
a.update((x) => x + 1);
stop();
console.log(get(b));
