// Applications for `benches/hosts.mjs`: files by name, a configuration of Vite, and one edit of one body.

const page = '<!doctype html><html lang="en"><body><div id="app"></div><script type="module" src="/src/main.ts"></script></body></html>';

/** A tree of TypeScript modules, each used by the one above it; every hundredth part is loaded lazily. @param {number} count */
export function typescriptApplication(count) {
  const folder = (at) => `src/part-${at % 100}`;
  const module = (at, bonus = 0) => {
    const children = [1, 2, 3].map((k) => at * 3 + k).filter((child) => child < count);
    const isLazy = (child) => child % 100 === 7;
    return `${children.filter((child) => !isLazy(child)).map((child) => `import { value${child}, type Entry${child} } from '../part-${child % 100}/module-${child}';`).join('\n')}
export interface Entry${at} { id: number; label: string; tags: readonly string[] }
enum State { Idle, Busy = ${at % 7}, Done }
const entries: Entry${at}[] = Array.from({ length: ${3 + (at % 5)} }, (_, id): Entry${at} => ({ id, label: \`entry \${id} of ${at}\`, tags: ['a', String(id * ${at})] }));
class Counter<T extends { id: number }> {
  #seen = new Map<number, T>();
  constructor(private readonly limit: number = ${at % 13}) {}
  add(item: T): this { if (this.#seen.size <= this.limit) this.#seen.set(item.id, item); return this; }
  get total(): number { let sum = ${bonus}; for (const item of this.#seen.values()) sum += item.id; return sum; }
}
export function describe${at}(entry: Entry${at}, state: State = State.Busy): string {
  const words = entry.tags.filter((tag): tag is string => tag.length > 0).map((tag) => tag.toUpperCase());
  if (state === State.Done) return words.join(' ');
  return words.length > ${at % 3} ? \`\${entry.label}: \${words.join(', ')}\` : entry.label;
}
export function value${at}(): number {
  const counter = new Counter<Entry${at}>();
  for (const entry of entries) counter.add(entry);
  return counter.total + entries.map((entry) => describe${at}(entry).length).reduce((sum, length) => sum + length, 0)${children.filter((child) => !isLazy(child)).map((child) => ` + value${child}()`).join('')};
}
${children.filter(isLazy).map((child) => `export const later${child} = (): Promise<number> => import('../part-${child % 100}/module-${child}').then((module) => module.value${child}());\nvoid later${child}();`).join('\n')}
`;
  };
  const files = { 'package.json': '{ "type": "module" }', 'index.html': page, 'src/main.ts': "import { value0 } from './part-0/module-0';\nconsole.log(value0());" };
  for (let at = 0; at < count; at++) files[`${folder(at)}/module-${at}.ts`] = module(at);
  const edited = Math.floor(count / 2);
  return {
    name: `${count} TypeScript modules`, files, edited: `${folder(edited)}/module-${edited}.ts`, edit: (run) => module(edited, run + 1),
    config: (cloudpack, which) => `export default { plugins: [${cloudpack}], build: { outDir: 'dist-${which}', chunkSizeWarningLimit: 1e6 } };`,
  };
}

/** A tree of components of Vue, in TypeScript and with a style sheet each. @param {number} count */
export function vueApplication(count) {
  const component = (at, word = 'of') => {
    const children = [1, 2].map((k) => at * 2 + k).filter((child) => child < count);
    return `<script setup lang="ts">
import { computed, ref } from 'vue';
${children.map((child) => `import Child${child} from '../part-${child % 40}/Child${child}.vue';`).join('\n')}
interface Item { id: number; label: string }
const props = defineProps<{ level?: number; title?: string }>();
const emit = defineEmits<{ change: [value: number] }>();
const count = ref<number>(${at});
const items = ref<Item[]>(Array.from({ length: 5 }, (_, id) => ({ id, label: \`item \${id} of ${at}\` })));
const total = computed(() => items.value.reduce((sum, item) => sum + item.id * count.value, props.level ?? 0));
function increase(by: number = 1): void { count.value += by; emit('change', count.value); }
</script>
<template>
  <section class="box" :class="{ active: count > ${at} }">
    <h2 v-if="title">{{ title }}</h2>
    <button type="button" @click="increase(2)">{{ count }} ${word} {{ total }}</button>
    <ul><li v-for="item in items" :key="item.id" :data-id="item.id"><span>{{ item.label }}</span><em v-show="item.id % 2">odd</em></li></ul>
    ${children.map((child) => `<Child${child} :level="(level ?? 0) + 1" title="Child ${child}" @change="increase" />`).join('\n    ')}
  </section>
</template>
<style scoped>
.box { padding: ${at % 9}px; border: 1px solid rgb(${at % 255}, 0, 0); }
.box > h2 { font-size: 1${at % 9}px; }
.active { color: red; }
</style>
`;
  };
  const files = {
    'package.json': '{ "type": "module" }', 'index.html': page,
    'src/main.ts': "import { createApp } from 'vue';\nimport App from './App.vue';\ncreateApp(App).mount('#app');",
    'src/App.vue': '<script setup lang="ts">\nimport Child0 from "./part-0/Child0.vue";\n</script>\n<template><Child0 title="Root" /></template>',
  };
  for (let at = 0; at < count; at++) files[`src/part-${at % 40}/Child${at}.vue`] = component(at);
  const edited = Math.floor(count / 2);
  return {
    name: `${count} components of Vue`, files, edited: `src/part-${edited % 40}/Child${edited}.vue`, edit: (run) => component(edited, `of ${run}`),
    config: (cloudpack, which) => `import vue from '@vitejs/plugin-vue';\nexport default { plugins: [vue(), ${cloudpack}], build: { outDir: 'dist-${which}', chunkSizeWarningLimit: 1e6 } };`,
  };
}
