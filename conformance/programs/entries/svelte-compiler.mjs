// Compiles components for the browser and the server, and reports a mistake.
import { compile, compileModule, parse, preprocess } from 'svelte/compiler';

const source = `<script lang="ts">import Other from './Other.svelte'; let { name = 'x', ...rest }: { name?: string } = $props(); let count = $state(0); const double = $derived(count * 2); $effect(() => { console.log(double); });</script>
{#snippet row(x)}<li class:odd={x % 2}>{x}</li>{/snippet}
{#if count > 3}<Other {...rest} bind:value={count}/>{:else}<button onclick={() => count++} style:color="red">{name} {double}</button>{/if}
{#each [1, 2, 3] as x (x)}{@render row(x)}{/each}{#await Promise.resolve(1) then v}<b>{v}</b>{/await}
<style>li.odd { color: red; } :global(b) { font-weight: 400 } .unused { x: y }</style>`;
for (const generate of ['client', 'server']) {
  const { js, css, warnings } = compile(source, { generate, filename: 'App.svelte', runes: true });
  console.log(js.code, css?.code, js.map.mappings.length, warnings.map((one) => one.code));
}
console.log(compileModule('export const n = $state({ a: 1 });', { filename: 'n.svelte.js' }).js.code, parse('<a>{b}</a>', { modern: true }).fragment.nodes.length);
console.log((await preprocess('<style lang="x">a</style>', { style: ({ content }) => ({ code: content + '{}' }) })).code);
try { compile('{#if}', {}); } catch (error) { console.log(error.code, error.position, error.message); }
