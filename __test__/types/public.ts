// The public types, used as users write them. Compiled, never run.
import { build, createSession, defineConfig, VERSION, type BuildError, type OutputChunk, type Plugin, type RequestWord, type Why } from 'cloudpack';

const virtual: Plugin = {
  name: 'virtual',
  resolveId: { filter: { id: /^virtual:/ }, handler: (source) => `\0${source}` },
  load: { order: 'pre', handler(id) { return id.startsWith('\0') ? { code: 'export default 1', map: null, meta: { id } } : null; } },
  async transform(code, id, { moduleType }) {
    const resolved = await this.resolve('./other', id, { skipSelf: true });
    if (resolved?.external) this.error({ message: 'no', code: 'X' }, 3);
    const reference = this.emitFile({ type: 'asset', name: 'a.txt', source: 'x' });
    this.setAssetSource(reference, new Uint8Array(1));
    return moduleType === 'css' ? { code, moduleType: 'js' } : code;
  },
  banner: (chunk) => `/* ${chunk.name} */`,
  renderChunk(code, chunk, options, { chunks }) {
    return { code: `${code}//${chunk.fileName}${Object.keys(chunks).length}${options.format}`, map: null };
  },
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) if (file.type === 'chunk') file.code += '\n';
  },
};

defineConfig({ input: { main: 'src/main.ts' }, plugins: [virtual, false, [Promise.resolve(null)]] });
defineConfig(async ({ mode }) => ({ define: { __MODE__: JSON.stringify(mode) }, external: [/^node:/, 'react', (id) => id === 'x'] }));
// @ts-expect-error an option that does not exist
defineConfig({ inputt: 'a.js' });

const { output, outputs, stats, warnings } = await build({ input: 'a.js', output: [{ dir: 'a' }, { file: 'b.cjs', format: 'cjs', sourcemap: 'hidden' }] });
const chunk: OutputChunk | undefined = output.find((file) => file.type === 'chunk');
const text: string | undefined = chunk?.code ?? outputs[1]?.[0]?.fileName;
const milliseconds: number | undefined = stats.ms.scan;
const codes: unknown[] = warnings.map((warning) => warning.code);
build({}).catch((error: BuildError) => error.errors.map((one) => `${one.code} ${one.loc?.line} ${one.hint}`));
export { codes, milliseconds, text, VERSION };

const session = await createSession({ input: 'a.js' });
const updated: number = (await session.update(['a.js', { id: 'b.js', event: 'delete' }])).stats.modules;
const why: Why | null = await session.why('a.js');
const word: RequestWord | null | undefined = why?.chain[0]?.kind;
await session.close();
const uploads: string[] | undefined = (await build({ input: 'a.js', view: 'ci' })).ci?.emitted.map((file) => file.hash);
export { updated, uploads, word };
