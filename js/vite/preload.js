/**
 * `import()` in a document's code also fetches what the chunk needs: Vite wraps each in `__vitePreload`, and fills in the list
 * of files when they have names. This does the wrapping that Vite 8 has in native code.
 */
import { applyEdits } from '../output/edits.js';

const HELPER = '\0vite/preload-helper.js';
const DYNAMIC_IMPORT = /\bimport\s*\(/;

/**
 * @param {{ preloadCode: string, insertPreload: boolean, isRelativeBase: boolean, renderBuiltUrl: boolean }} options of the native plugin
 * @returns {import('../plugins/hooks.js').Plugin}
 */
export function preload({ preloadCode, insertPreload, isRelativeBase, renderBuiltUrl }) {
  const base = isRelativeBase || renderBuiltUrl ? ',import.meta.url' : '';
  return {
    name: 'cloudpack:vite-preload',
    resolveId: { filter: { id: /^\0vite\/preload-helper\.js$/ }, handler: (/** @type {string} */ id) => id },
    load: { filter: { id: /^\0vite\/preload-helper\.js$/ }, handler: () => ({ code: preloadCode, moduleSideEffects: false }) },
    ...(insertPreload && {
      transform: {
        order: /** @type {const} */ ('post'),
        filter: { code: DYNAMIC_IMPORT },
        /** @this {any} @param {string} code @param {string} id */
        async handler(code, id) {
          if (id === HELPER) return null;
          const imports = dynamicImports(this.parse(code));
          if (imports.length === 0) return null;
          const edits = imports.flatMap(({ start, end }) => [
            { start, end: start, text: '__vitePreload(() => ' },
            { start: end, end, text: `,__VITE_PRELOAD__${base})` },
          ]);
          // On the first line, so that no line moves.
          const head = { start: 0, end: 0, text: `import { __vitePreload } from ${JSON.stringify(HELPER)};` };
          const { code: wrapped, step } = await applyEdits(code, [head, ...edits], true);
          return { code: wrapped, map: /** @type {any} */ (step) };
        },
      },
    }),
  };
}

/**
 * @param {any} root of a syntax tree
 * @returns {{ start: number, end: number }[]}
 */
function dynamicImports(root) {
  const found = [];
  const open = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (node === null || typeof node !== 'object') continue;
    if (node.type === 'ImportExpression') found.push({ start: node.start, end: node.end });
    for (const value of Object.values(node)) if (value !== null && typeof value === 'object') open.push(value);
  }
  return found;
}
