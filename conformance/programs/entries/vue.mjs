// Compiles a template at run time and renders it on the server: components, slots, reactivity, teleports.
import { compile, computed, createSSRApp, defineAsyncComponent, h, nextTick, reactive, ref, watch } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { compileScript, compileTemplate, parse } from 'vue/compiler-sfc';

const state = reactive({ count: 1, list: ['a', 'b'], html: '<i>raw</i>' });
const double = computed(() => state.count * 2);
const seen = [];
watch(double, (now, before) => seen.push([now, before]));
const Child = { props: { title: { type: String, default: 'none' } }, emits: ['done'], template: `<section :title><slot name="head" :n="2"/><slot>empty</slot></section>` };
const app = createSSRApp({
  components: { Child, Later: defineAsyncComponent(async () => ({ render: () => h('em', 'later') })) },
  setup: () => ({ state, double, model: ref('typed'), style: { color: 'red', '--x': 1 } }),
  template: `<main :class="['a', { b: state.count > 0, c: false }]" :style="style"><h1 v-if="double > 1">{{ double }}</h1><p v-else>no</p>
    <Child title="t" @done="state.count++"><template #head="{ n }"><b v-for="i in n" :key="i">{{ i }}</b></template></Child><Child/>
    <input v-model="model"><div v-html="state.html"/><Later/><Teleport to="#x"><u>away</u></Teleport><li v-for="(x, i) in state.list" :key="x">{{ i }}{{ x }}</li></main>`,
});
const context = {};
console.log(await renderToString(app, context), context.teleports);
state.count = 5;
await nextTick();
console.log(seen, compile('<a v-bind="x" @click.prevent.once="go">{{ y }}</a>').length);
const { descriptor, errors } = parse(`<script setup lang="ts">defineProps<{ a: number; b?: 'x' | 'y' }>(); const n = defineModel<string>();</script><template><b>{{ a }}{{ n }}</b></template><style scoped>b { color: v-bind(a) }</style>`);
console.log(errors.length, compileScript(descriptor, { id: 'x', inlineTemplate: true }).content);
console.log(compileTemplate({ source: '<p><img src="./a.png"><b>static</b></p>', filename: 'a.vue', id: 'x' }).code);
