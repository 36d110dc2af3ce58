/**
 * The outputs of a build that a foreign engine makes: what the core is asked for in addition, and how an engine's chunks come to stand
 * where the linker's were, under names with hashes of what they hold.
 */
import { Buffer } from 'node:buffer';
import path from 'node:path';
import { addonText } from '../output/addons.js';
import { assetFields, sourceMapOf } from '../output/bundle.js';
import { throwFaults } from '../output/faults.js';
import { ADDONS } from '../options/output-options.js';
import { joinEngineMaps } from '../plugins/source-maps.js';
import { textOf } from './checked.js';
import { engineError } from './engine.js';
import { withPreloads, withSuccessors } from './pages.js';
import { EngineRun } from './run.js';
import { moduleOutput, SCRIPT_URL } from './view.js';

/** @typedef {Record<string, any>} Fields */
/** @typedef {import('../binding.js').CoreSession} CoreSession */
/** @typedef {import('../output/render.js').OutputRun} OutputRun */
/** @typedef {import('./run.js').MadeChunk} MadeChunk */
/** @typedef {Awaited<ReturnType<EngineRun['make']>>} Made */

/** @typedef {Map<number, import('./run.js').LastResult>} Memory by output */

/** As in the linker's scripts: only a `SCRIPT` is believed to be one. */
const OWN_ADDRESS = [
  'typeof document === "object" && document.currentScript && document.currentScript.tagName === "SCRIPT" && document.currentScript.src',
  '(typeof location === "object" ? location.href : typeof require === "function" ? require("node:url").pathToFileURL(__filename).href : "")',
].join(' || ');
/** Nothing but white space and comments. */
const COMMENTS = /^(?:\s|\/\*[^]*?\*\/|\/\/[^\n]*(?:\n|$))*$/;
/** `"use strict"` among the directives that code begins with. */
const PROLOGUE = /^(?:\s|\/\*[^]*?\*\/|\/\/[^\n]*\n|(["'])(?!use strict)[^"'\\\n]*\1\s*;)*(["'])use strict\2\s*(?:;|\n|\}|$)/;

export class ForeignOutputs {
  #core;
  #loaded;
  #memory;
  /** @type {ForeignOutput[]} */
  #outputs = [];

  /**
   * @param {{ engine: import('../types/index.d.ts').TransformEngine, identity: string }} loaded
   * @param {Fields} core options of the build, which are told of the engine
   * @param {Memory} [memory]
   */
  constructor(loaded, core, memory = new Map()) {
    core.engine = loaded.identity;
    this.#core = core;
    this.#loaded = loaded;
    this.#memory = memory;
    this.stats = { name: loaded.engine.name, calls: 0, reused: 0, modules: 0, ms: 0 };
  }

  /**
   * @param {Fields} core options of one output; changed
   * @param {number} [index] among the outputs
   */
  output(core, index = -1) {
    if (core.chunkImportMap) throw engineError(this.#loaded.engine.name, 'makes chunks that name each other by their files, so output.chunkImportMap cannot be had with it', { hint: 'Leave the option or the engine out' });
    // The second pass over whole chunks is the engine's to make, and for its chunks.
    if (core.minify === 'full') core.minify = 'thin';
    const run = new EngineRun({ ...this.#loaded, core, input: this.#core, memory: this.#memory, stats: this.stats });
    const output = new ForeignOutput(run, index, core);
    this.#outputs.push(output);
    return output;
  }

  /** Asks for the modules of each output, after all that are made. */
  addOutputs() {
    for (const output of this.#outputs) output.modulesIndex = this.#core.output.push(output.modulesOutput()) - 1;
  }
}

export class ForeignOutput {
  /** Of the output that gives the modules. */
  modulesIndex = -1;
  /** @type {import('../output/bundle.js').CoreBundle | undefined} */
  #modules;

  /**
   * @param {EngineRun} run
   * @param {number} index
   * @param {Fields} core
   */
  constructor(run, index, core) {
    this.run = run;
    this.index = index;
    this.core = core;
  }

  /** Options of the output that gives the modules. */
  modulesOutput() {
    return moduleOutput(this.core);
  }

  /**
   * Whether nothing has changed since these files were written: the core's record of the last build holds them, as they are.
   * @param {CoreSession} session
   * @param {boolean} wantsText somebody goes over the chunks
   */
  async isUnchanged(session, wantsText) {
    if (wantsText || JSON.parse(session.stats()).lastBuild !== 'unchanged') return false;
    this.#modules = await session.finalize(this.modulesIndex, '[]', '[]');
    this.run.stats.reused++;
    return true;
  }

  /**
   * @param {OutputRun} output
   * @param {Fields[]} planned chunks of the linker, with preliminary names
   */
  async make(output, planned) {
    const modules = await output.driver.session.finalize(this.modulesIndex, '[]', '[]');
    throwFaults(modules);
    this.#modules = modules;
    const start = performance.now();
    const made = await this.run.make(this.index, planned.filter((data) => data.type === 'chunk'), modules);
    this.run.stats.ms += performance.now() - start;
    for (const option of this.#optionsOfLinker()) {
      output.driver.logger.log('warn', { code: 'ENGINE_OPTION', message: `Engine "${this.run.engine.name}" has rules of its own where output.${option} would count, so the option has no effect` });
    }
    return { ...made, chunks: made.made };
  }

  /** Options that somebody has given and no engine is told of. */
  #optionsOfLinker() {
    const { format, interop, esModule } = this.core;
    if (format === undefined || format === 'es') return [];
    const isAsked = interop !== undefined && interop !== 'auto' && (this.run.view?.externals.length ?? 0) > 0;
    return [...(isAsked ? ['interop'] : []), ...(esModule === undefined ? [] : ['esModule'])];
  }

  /**
   * Addons are written around a chunk of the engine.
   * @param {OutputRun} output
   * @param {Fields} chunk
   * @param {string} code
   * @returns {Promise<import('../output/edits.js').Edit[]>}
   */
  async edits(output, chunk, code) {
    const { local } = output;
    const isScript = ['iife', 'umd'].includes(this.core.format);
    const [banner, footer, intro, outro] = await Promise.all(ADDONS.map((addon) => addonText(addon, { local, output, chunk })));
    const hashbang = /^#!.*(?:\n|$)/.exec(code)?.[0] ?? '';
    const url = isScript && code.includes(SCRIPT_URL) ? `var ${SCRIPT_URL} = ${OWN_ADDRESS};` : '';
    const [open, close] = this.#scope(isScript && Boolean(intro || outro || url));
    // Modules are strict; Rolldown does not say so of a file that is none. It has to be said before anything is done.
    const isSaid = this.run.engine.name !== 'rolldown' || ['es', undefined].includes(this.core.format) || PROLOGUE.test(code.slice(hashbang.length));
    const strict = isSaid ? '' : '"use strict";';
    const first = COMMENTS.test(banner ?? '') ? [banner, strict] : [strict, banner];
    const head = [...first, open, url, intro].filter(Boolean).map((text) => `${text}\n`).join('');
    const tail = [outro, close, footer].filter(Boolean).map((text) => `\n${text}`).join('');
    const edits = [];
    if (head !== '') edits.push({ start: hashbang.length, end: hashbang.length, text: head });
    if (tail !== '') edits.push({ start: code.length, end: code.length, text: tail });
    return edits;
  }

  /**
   * What `intro` declares is for the chunk alone. Where a chunk is a script, engines have a function of their own around the modules, which nobody
   * else can write into, so another one goes around that.
   * @param {boolean} isWanted
   * @returns {[string, string]}
   */
  #scope(isWanted) {
    const { format, name, extend } = this.core;
    if (!isWanted) return ['', ''];
    // `var Page = ...` within would be a variable of this function; `this.Page` and `acme.page` lead to the global object all the same.
    if (format === 'umd' || name === undefined || extend || name.includes('.')) return ['(function () {', '}).call(this);'];
    return [`var ${name} = (function (${name}) {`, `return ${name};\n}).call(this, ${name});`];
  }

  /**
   * Ways to files that are no chunks.
   * @param {Fields} chunk
   * @param {string} code
   * @param {Record<string, any>} files of the core
   */
  mentions(chunk, code, files) {
    return this.run.mentionEdits(code, chunk.fileName, Object.values(files));
  }

  /**
   * @param {Record<string, any>} files of the core; changed
   * @param {Made & { chunks: MadeChunk[] }} made
   * @param {{ code: string, steps: import('../plugins/source-maps.js').Step[], augmentation: string }[]} edited parallel to the chunks
   */
  takePlaces(files, { chunks, others, planned }, edited) {
    const texts = new Map(chunks.map(({ fields }, at) => [fields.fileName, { text: edited[at].code, extra: edited[at].augmentation }]));
    for (const { fileName, source } of others) texts.set(fileName, { text: textOf(source), extra: '' });
    const settled = /** @type {import('./names.js').HashedNames} */ (this.run.names).settle(texts);

    /** Final names of the linker's chunks -> those of the engine's. @type {Map<string, string | undefined>} */
    const successors = new Map();
    const present = new Set(chunks.map(({ fields }) => fields.fileName));
    for (const file of Object.values(files)) {
      const wanted = file.type === 'chunk' ? planned.get(file.preliminaryFileName) : undefined;
      if (wanted === undefined) continue;
      successors.set(file.fileName, present.has(wanted) ? settled(wanted) : undefined);
      // What the core knows of style sheets and assets of the chunk goes for its successor too.
      const successor = chunks.find(({ fields }) => fields.fileName === wanted);
      if (successor) Object.assign(successor.fields, { referencedFiles: file.referencedFiles, cssFileName: file.cssFileName });
      delete files[file.fileName];
      if (file.sourcemapFileName) delete files[file.sourcemapFileName];
    }
    const pages = Object.values(files).filter((file) => file.type === 'asset' && /\.html?$/i.test(file.fileName));
    chunks.forEach((chunk, at) => this.#place(files, chunk, edited[at], settled));
    const scripts = chunks.map(({ fields }) => fields);
    for (const page of pages) page.source = withPreloads(withSuccessors(String(page.source), successors), scripts);
    for (const { fileName, source = '' } of others) {
      const name = settled(fileName);
      this.#checkFree(files, name);
      files[name] = { ...assetFields({ fileName: name }), source: typeof source === 'string' ? settled(source) : Buffer.from(settled(textOf(source)), 'latin1') };
    }
    this.run.checkNames(Object.keys(files));
    // As the core sorts them: entries, routes, what they share, everything else.
    const own = new Set(chunks.map(({ fields }) => fields));
    const rank = (/** @type {any} */ file) => (file.type !== 'chunk' ? 3 : !own.has(file) ? 2 : file.isEntry ? 0 : file.isDynamicEntry ? 1 : 2);
    const sorted = Object.entries(files).sort(([, a], [, b]) => rank(a) - rank(b));
    for (const [name] of sorted) delete files[name];
    Object.assign(files, Object.fromEntries(sorted));
  }

  /**
   * @param {Record<string, any>} files
   * @param {MadeChunk} chunk
   * @param {{ code: string, steps: import('../plugins/source-maps.js').Step[] }} edited
   * @param {(text: string) => string} settled
   */
  #place(files, { fields, map: given }, { code: text, steps }, settled) {
    const fileName = settled(fields.fileName);
    this.#checkFree(files, fileName);
    let code = settled(text);
    let map = null;
    const mode = this.core.sourcemap ?? 'none';
    const chunk = Object.assign(fields, {
      fileName, imports: fields.imports.map(settled), dynamicImports: fields.dynamicImports.map(settled),
    });
    if (mode !== 'none' && given) {
      map = sourceMapOf(joinEngineMaps(steps, given, (file) => this.#moduleMap(file), fileName));
      const mapName = `${fileName}.map`;
      if (mode !== 'hidden') code += `${code.endsWith('\n') ? '' : '\n'}//# sourceMappingURL=${mode === 'inline' ? map.toUrl() : encodeURI(path.posix.basename(mapName))}\n`;
      if (mode !== 'inline') {
        this.#checkFree(files, mapName);
        chunk.sourcemapFileName = mapName;
        files[mapName] = { ...assetFields({ fileName: mapName }), source: map.toString() };
      }
    }
    files[fileName] = Object.assign(chunk, { code, map });
  }

  /** @param {string} file */
  #moduleMap(file) {
    const view = this.run.view;
    const module = view?.ofFile(file);
    return module ? view?.map(module.id) : null;
  }

  /**
   * @param {Record<string, any>} files
   * @param {string} fileName
   */
  #checkFree(files, fileName) {
    if (Object.hasOwn(files, fileName)) throw this.run.fault(`gave the file "${fileName}", which is the name of another file of this output`);
  }

  /**
   * Nothing of the modules is a file, which the record of the build has to say too.
   * @param {CoreSession} session
   */
  async write(session) {
    if (!this.#modules) return;
    const all = JSON.parse(this.#modules.files()).map((/** @type {unknown} */ _, /** @type {number} */ at) => at);
    await session.write(this.modulesIndex, this.#modules, all, []);
  }
}
