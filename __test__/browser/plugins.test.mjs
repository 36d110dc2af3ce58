// Applications with plugins that many have, alone and with Cloudpack, from the store, and after an edit.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { application } from '../hosts/templates.js';
import { facts, namesOf, styles } from './facts.mjs';

const page = (script, body = '<div id="app"></div>') => `<!doctype html><html lang="en"><head><title>Page</title></head><body>${body}<script type="module" src="${script}"></script></body></html>`;
const PACKAGE = '{ "type": "module", "private": true }';
/** Tailwind looks for classes everywhere else. */
const IGNORED = 'node_modules\nalone\nours\nverified\n';
const config = (imports, plugins, rest = '') => `${imports}\nexport default { plugins: [${plugins}], ${rest} };`;
const COUNTER = `const button = document.createElement('button');
let count: number = 0;
const show = () => { button.textContent = \`Explore \${count}\`; };
button.onclick = () => { count++; show(); };
show();
document.querySelector('#app')!.append(button);`;

/** name -> files, what the edit replaces, and what differs by nature. */
const APPLICATIONS = {
  tailwind: {
    files: {
      'index.html': page('/src/main.ts'),
      'vite.config.js': config("import tailwind from '@tailwindcss/vite';", 'tailwind()'),
      'src/main.css': '@import "tailwindcss";',
      'src/main.ts': `import './main.css';\n${COUNTER}\nbutton.className = 'p-4 text-red-500 underline';`,
    },
    // A class that the style sheet does not have yet.
    edit: ['underline', 'uppercase tracking-widest'], now: 'tracking-widest',
  },
  svgr: {
    files: {
      'index.html': page('/src/main.jsx'),
      'vite.config.js': config("import react from '@vitejs/plugin-react';\nimport svgr from 'vite-plugin-svgr';", 'react(), svgr()'),
      'src/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>Explore</title><circle cx="4" cy="4" r="3"/></svg>',
      'src/main.jsx': "import { useState } from 'react';\nimport { createRoot } from 'react-dom/client';\nimport Logo from './logo.svg?react';\nimport './page.css';\nfunction App() { const [n, set] = useState(0); return <><Logo className=\"logo\" width=\"40\" /><button onClick={() => set(n + 1)}>{n}</button></>; }\ncreateRoot(document.querySelector('#app')).render(<App />);",
      'src/page.css': '.logo { color: rgb(7, 8, 9) }',
    },
    edit: ['Explore', 'Discover'], now: 'Discover',
  },
  visualizer: {
    files: { 'index.html': page('/src/main.ts'), 'vite.config.js': config("import { visualizer } from 'rollup-plugin-visualizer';", "visualizer({ filename: 'stats.html', emitFile: true })"), 'src/main.ts': COUNTER },
    edit: ['Explore', 'Discover'], now: 'Discover', drawn: ['stats.html'],
  },
  legacy: {
    files: { 'index.html': page('/src/main.ts'), 'vite.config.js': config("import legacy from '@vitejs/plugin-legacy';", "legacy({ targets: ['chrome 60'] })"), 'src/main.ts': COUNTER },
    edit: ['Explore', 'Discover'], now: 'Discover',
  },
  pwa: {
    files: {
      'index.html': page('/src/main.ts'),
      'vite.config.js': config("import { VitePWA } from 'vite-plugin-pwa';", "VitePWA({ injectRegister: false, manifest: { name: 'Page', short_name: 'Page', icons: [] } })"),
      'src/main.ts': COUNTER,
    },
    edit: ['Explore', 'Discover'], now: 'Discover', drawn: ['sw.js'],
  },
  'react-swc and unocss': {
    files: {
      'index.html': page('/src/main.tsx'),
      'vite.config.js': config("import react from '@vitejs/plugin-react-swc';\nimport unocss from '@unocss/vite';\nimport wind from '@unocss/preset-wind3';", 'react({ tsDecorators: true }), unocss({ presets: [wind()] })'),
      'src/main.tsx': "import { useState } from 'react';\nimport { createRoot } from 'react-dom/client';\nimport 'virtual:uno.css';\nimport { Line } from './line';\nfunction App() { const [n, set] = useState<number>(0); return <><Line text=\"Explore\" /><button className=\"p-4 text-red-500\" onClick={() => set(n + 1)}>{n}</button></>; }\ncreateRoot(document.querySelector('#app')!).render(<App />);",
      'src/line.tsx': 'const styles = "underline m-2";\nexport const Line = ({ text }: { text: string }) => <p className={styles}>{text}</p>;',
    },
    // A class that the style sheet does not have yet, in a module that is kept.
    edit: ['underline', 'uppercase tracking-widest'], now: 'tracking-widest',
  },
  'vue, tailwind and svgr in Vite 7': {
    vite: 'vite-7',
    files: {
      'index.html': page('/src/main.ts'),
      'vite.config.js': config("import vue from '@vitejs/plugin-vue';\nimport tailwind from '@tailwindcss/vite';\nimport svgr from 'vite-plugin-svgr';", "vue(), tailwind(), svgr()"),
      'src/main.ts': "import { createApp } from 'vue';\nimport App from './App.vue';\nimport './main.css';\nimport Logo from './logo.svg?react';\nimport * as React from 'react';\nimport { createRoot } from 'react-dom/client';\nObject.assign(window, { React });\ncreateApp(App).mount('#app');\ncreateRoot(document.body.appendChild(document.createElement('footer'))).render(React.createElement(Logo, { width: 40 }));",
      'src/main.css': '@import "tailwindcss";',
      'src/App.vue': '<script setup lang="ts">\nimport { ref } from "vue";\nimport type { Props } from "./types";\nimport Child from "./Child.vue";\nconst n = ref<number>(0);\nconst given: Props = { label: "Explore" };\n</script>\n<template><button class="p-4 text-red-500 underline" @click="n++">{{ n }}</button><Child v-bind="given" /></template>\n<style scoped>button { letter-spacing: 2px }</style>',
      'src/Child.vue': '<script setup lang="ts">\nimport type { Props } from "./types";\ndefineProps<Props>();\n</script>\n<template><b class="font-bold">{{ label }}</b></template>',
      'src/types.ts': 'export interface Props { label: string }',
      'src/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="3"/></svg>',
    },
    edit: ['underline', 'uppercase tracking-widest'], now: 'tracking-widest',
  },
  'unocss, preact and visualizer in Vite 7': {
    vite: 'vite-7',
    files: {
      'index.html': page('/src/main.jsx'),
      'vite.config.js': config("import preact from '@preact/preset-vite';\nimport unocss from '@unocss/vite';\nimport wind from '@unocss/preset-wind3';\nimport { visualizer } from 'rollup-plugin-visualizer';", "preact(), unocss({ presets: [wind()] }), visualizer({ filename: 'stats.html', emitFile: true })"),
      'src/main.jsx': "import { render } from 'preact';\nimport { useState } from 'preact/hooks';\nimport 'virtual:uno.css';\nimport { Line } from './line.jsx';\nfunction App() { const [n, set] = useState(0); return <><Line /><button class=\"p-4 text-red-500\" onClick={() => set(n + 1)}>{n}</button></>; }\nrender(<App />, document.querySelector('#app'));",
      'src/line.jsx': 'export const Line = () => <p class="underline m-2">Explore</p>;',
    },
    edit: ['underline', 'uppercase tracking-widest'], now: 'tracking-widest', drawn: ['stats.html'],
  },
};

describe('an application with', { concurrency: false }, () => {
  for (const [name, { files, edit: [from, to], now, drawn = [], vite }] of Object.entries(APPLICATIONS)) {
    test(`${name} is the same with Cloudpack`, async () => {
      const app = application({ 'package.json': PACKAGE, '.gitignore': IGNORED, ...files }, vite);
      try {
        // What names hashes or sizes, or has a number of its own each time.
        const without = (all) => Object.fromEntries(Object.entries(all).filter(([file]) => !drawn.includes(file)));
        const alone = await app.build('alone', []);
        const cold = await app.build('ours');
        assert.deepEqual(without(await app.build('ours')), without(cold), 'from the store');
        assert.deepEqual(namesOf(cold), namesOf(alone));
        assert.deepEqual(styles(cold), styles(alone));
        assert.deepEqual(await facts(app.at('ours')), await facts(app.at('alone')));
        assert.equal(app.edit(from, to), 1);
        const edited = await app.build('ours');
        assert.ok(Object.values(edited).join().includes(now));
        assert.deepEqual(without(await app.build('verified', undefined, { CLOUDPACK_VERIFY: '1' })), without(edited), 'with plugins asked again');
        assert.deepEqual(styles(edited), styles(await app.build('alone', [])));
      } finally {
        app.remove();
      }
    });
  }
});
