// An engine for debugging: each live module goes to a file of its own, below `modules/`, with nothing but what is left of it.
// `build({ input: 'src/main.js', engine: oneFileAModule() })`, or with `engine: oneFileAModule()` in a configuration.
import path from 'node:path';

/** @returns {import('cloudpack').TransformEngine} */
export function oneFileAModule({ directory = 'modules' } = {}) {
  return {
    name: 'one-file-a-module',
    version: '1',
    options: { directory },
    transform(plan) {
      if (plan.format !== 'es') throw new Error(`it makes ES modules, and output.format is "${plan.format}"`);
      const place = (file) => `${directory}/${file}`;
      const known = new Set(plan.modules.map((module) => module.file));
      const places = (requests) => requests.map((request) => (known.has(request) ? place(request) : request));

      // Requests in the code lead from one `file` to another, so all of them may be moved together.
      const modules = plan.modules.map(({ id, file, exports, imports, dynamicImports }) => {
        return {
          fileName: place(file), code: plan.code(id), modules: [id],
          exports, imports: places(imports), dynamicImports: places(dynamicImports),
        };
      });

      // An entry is where it was planned to be, and leads to its module.
      const entries = plan.chunks.filter((chunk) => chunk.kind === 'entry').map(({ fileName, entry }) => {
        const { file, exports } = plan.modules.find((module) => module.id === entry);
        const way = JSON.stringify(`./${path.posix.relative(path.posix.dirname(fileName), place(file))}`);
        const code = [`export * from ${way};`, ...(exports.includes('default') ? [`export { default } from ${way};`] : [])].join('\n');
        return { fileName, code: `${code}\n`, modules: [], imports: [place(file)] };
      });
      return [...entries, ...modules];
    },
  };
}
