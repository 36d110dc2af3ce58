/**
 * What an engine is given: the plan of the output that was asked for, and each live module as the linker writes it to a file of its
 * own. Both are outputs of the core, of one graph; the second is never written.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';

/** @typedef {import('../types/index.d.ts').EnginePlan} EnginePlan */
/** @typedef {import('../types/index.d.ts').EngineModule} EngineModule */
/** @typedef {import('../output/bundle.js').CoreBundle} CoreBundle */

/** The directory of all that modules mention and that is no module. A chunk lies elsewhere than its modules, so its code gets the way from there. */
export const MENTIONED = '__cloudpack_file__';
/** A variable of a script: its own address is known only while it runs first. */
export const SCRIPT_URL = '__cloudpack_script_url';
/** That of files that were left out: what follows is the way there from the output directory. */
export const OUTSIDE = `${MENTIONED}/external/`;

/**
 * Options of the output that gives the modules.
 * @param {Record<string, any>} core those of the output that was asked for
 * @returns {Record<string, any>}
 */
export function moduleOutput(core) {
  const dir = core.file === undefined ? core.dir : path.posix.dirname(String(core.file).replaceAll('\\', '/'));
  return {
    ...(dir !== undefined && { dir }),
    format: 'es', preserveModules: true, forEngine: { mentionedDir: MENTIONED, format: core.format ?? 'es', scriptUrl: SCRIPT_URL }, entryFileNames: '[name].js', chunkFileNames: `${MENTIONED}/[name]-[hash].js`,
    assetFileNames: `${MENTIONED}/[name]-[hash][extname]`, legalComments: core.legalComments ?? 'inline',
    ...(core.minify !== undefined && { minify: core.minify }), ...(core.symbols !== undefined && { symbols: core.symbols }),
    ...(core.sourcemap !== undefined && core.sourcemap !== 'none' && { sourcemap: 'hidden' }),
  };
}

/** The modules of one output. */
export class ModuleView {
  /** By id; `at`: index in the core's bundle. @type {Map<string, EngineModule & { at: number }>} */
  #modules = new Map();
  /** Module -> the one that offers its exports as an entry, where that is another. @type {Map<string, string>} */
  #facades = new Map();
  /** By file. @type {Map<string, EngineModule>} */
  #byFile = new Map();
  /** As code mentions something else -> its name. @type {Map<string, string> | undefined} */
  #forms;
  /** Of these, longest first. @type {number[]} */
  #lengths = [];
  /** What was asked for. @type {Set<string>} */
  asked = new Set();

  /** @param {CoreBundle} bundle */
  constructor(bundle) {
    this.bundle = bundle;
    const files = JSON.parse(bundle.files());
    /**
     * By what the code of modules calls them: assets by the module, style sheets by the module that imports them, files that were left out by their
     * way from the output directory.
     * @type {Map<string, { asset?: string, worker?: string, sheetOf?: string, outside?: string }>}
     */
    this.mentioned = new Map();
    const chunks = files.flatMap((/** @type {any} */ data, /** @type {number} */ at) => (data.type === 'chunk' ? [{ ...data, at }] : []));
    /** Modules that are documents. @type {Set<string>} */
    this.pages = new Set();
    for (const data of files) {
      if (data.type !== 'asset') continue;
      this.mentioned.set(data.fileName, { asset: data.originalFileNames[0] });
      if (/\.html?$/i.test(data.fileName)) this.pages.add(data.originalFileNames[0]);
    }
    const held = new Set(chunks.flatMap((/** @type {any} */ { moduleIds }) => moduleIds));
    for (const { fileName, facadeModuleId, moduleIds, isEntry, exports, imports, dynamicImports, cssFileName, at } of chunks) {
      // An entry whose file has no room for what others take from it is two files, and so two modules.
      const isFacade = facadeModuleId !== null && !moduleIds.includes(facadeModuleId) && held.has(facadeModuleId);
      const id = isFacade ? `${facadeModuleId}?cloudpack-entry` : (facadeModuleId ?? moduleIds[0]);
      if (isFacade) this.#facades.set(facadeModuleId, id);
      if (cssFileName) this.mentioned.set(cssFileName, { sheetOf: id });
      if (fileName.startsWith(`${MENTIONED}/`)) this.mentioned.set(fileName, { worker: id });
      else this.#modules.set(id, { id, file: fileName, isEntry, exports, imports, dynamicImports, at });
    }
    /** In evaluation order. */
    this.modules = inOrder([...this.#modules.values()]).map(({ at: _, ...module }) => module);
    this.#byFile = new Map(this.modules.map((module) => [module.file, module]));
    const own = new Set(this.#byFile.keys());
    this.externals = [...new Set(this.modules.flatMap((module) => [...module.imports, ...module.dynamicImports]))].filter((file) => !own.has(file)).sort();
    for (const word of this.externals.filter((specifier) => specifier.startsWith(OUTSIDE))) {
      const name = decodeURIComponent(word);
      this.mentioned.set(name, { outside: name.slice(OUTSIDE.length) });
    }
  }

  /** @param {string} id */
  module(id) {
    return this.#modules.get(id);
  }

  /** @param {string} file of a module */
  ofFile(file) {
    return this.#byFile.get(file);
  }

  /**
   * What the code mentions at a place where a name of something else begins: the longest name that fits, in one of the forms that
   * the linker writes.
   * @param {string} code
   * @param {number} at
   * @returns {{ name: string, length: number } | undefined}
   */
  formAt(code, at) {
    if (this.#forms === undefined) {
      this.#forms = new Map([...this.mentioned.keys()].flatMap((name) => formsOf(name).map((form) => /** @type {const} */ ([form, name]))));
      this.#lengths = [...new Set([...this.#forms.keys()].map((form) => form.length))].sort((a, b) => b - a);
    }
    for (const length of this.#lengths) {
      const name = this.#forms.get(code.slice(at, at + length));
      if (name !== undefined) return { name, length };
    }
    return undefined;
  }

  /** The module whose exports an entry's file offers. @param {string | null} id */
  entry(id) {
    return id === null ? null : (this.#facades.get(id) ?? id);
  }

  /** @param {string} id */
  has(id) {
    return this.#modules.has(id);
  }

  /** @param {string} id */
  code(id) {
    this.asked.add(id);
    return this.text(id);
  }

  /** `code` that nobody asked for. @param {string} id */
  text(id) {
    return this.bundle.code(this.indexOf(id));
  }

  /** @param {string} id */
  map(id) {
    const map = this.bundle.map(this.indexOf(id));
    return map === null ? null : JSON.parse(map);
  }

  /** Whether some module does. @param {string} text */
  contains(text) {
    return [...this.#modules.values()].some(({ at }) => this.bundle.code(at).includes(text));
  }

  /** A hash of each module's code, by id. @returns {Map<string, string>} */
  hashes() {
    const hashOf = (/** @type {number} */ at) => createHash('sha256').update(this.bundle.code(at)).update(this.bundle.map(at) ?? '').digest('base64');
    return new Map([...this.#modules.values()].map(({ id, at }) => [id, hashOf(at)]));
  }

  /** In the core's bundle. @param {string} id */
  indexOf(id) {
    const module = this.#modules.get(id);
    if (!module) throw new Error(`there is no live module "${id}" in the plan`);
    return module.at;
  }
}

/**
 * Dependencies first, cycles by first visit, as ECMA-262 evaluates them: what entries import, then what is loaded later.
 * @template {EngineModule} T
 * @param {T[]} modules
 * @returns {T[]}
 */
function inOrder(modules) {
  const byFile = new Map(modules.map((module) => [module.file, module]));
  /** @type {Set<T>} */
  const seen = new Set();
  /** @type {T[]} */
  const ordered = [];
  for (const root of modules) {
    /** @type {{ module: T, next: number }[]} */
    const stack = [];
    const enter = (/** @type {T | undefined} */ module) => {
      if (!module || seen.has(module)) return;
      seen.add(module);
      stack.push({ module, next: 0 });
    };
    enter(root);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.module.imports.length) enter(byFile.get(top.module.imports[top.next++]));
      else {
        stack.pop();
        ordered.push(top.module);
      }
    }
  }
  return ordered;
}

/**
 * How a name stands in code: as it is, with the letters escaped that end a path, or all that URLs escape; the way to a file that was left out as one part.
 * @param {string} name
 */
function formsOf(name) {
  if (name.startsWith(OUTSIDE)) return [OUTSIDE + encodeURIComponent(name.slice(OUTSIDE.length)).replaceAll(/[!'()*~]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)];
  const escaped = (/** @type {string} */ text, /** @type {RegExp} */ letters) => text.replaceAll(letters, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return [...new Set([name, encodeURI(name), escaped(name, /[ "#%?\\]/g), escaped(encodeURI(name), /[;?:&'()#]/g)])];
}
