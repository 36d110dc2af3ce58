/**
 * One output by a foreign engine: asks it for files, unless those of the last build still hold, and says whose fault it is when they are
 * none. What comes out has the shape of the linker's chunks, with words in place of hashes, so that plugins go over it as ever.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { kindOf } from '../options/checker.js';
import { checkedFiles, checkNames } from './checked.js';
import { engineError } from './engine.js';
import { HashedNames } from './names.js';
import { MENTIONED, ModuleView, OUTSIDE } from './view.js';

/** @typedef {import('../types/index.d.ts').EngineFile} EngineFile */
/** @typedef {import('../types/index.d.ts').EnginePlan} EnginePlan */
/** @typedef {import('../types/index.d.ts').EngineStats} EngineStats */
/** @typedef {import('../output/bundle.js').CoreBundle} CoreBundle */
/** @typedef {Record<string, any>} Fields */

/**
 * What one output was made of when it was made last.
 * @typedef {object} LastResult
 * @property {string} plan hash
 * @property {Map<string, string>} codes hash of each module
 * @property {EngineFile[]} files
 * @property {string[]} named what it asked names for, in this order
 */

/** A chunk of an engine: what plugins see, and what the rest of a build needs. */
export class MadeChunk {
  /**
   * @param {Fields} fields
   * @param {string} code
   * @param {any} map from `code` to the code of modules
   */
  constructor(fields, code, map) {
    this.fields = fields;
    this.code = code;
    this.map = map;
  }
}

export class EngineRun {
  /** File -> the name that it was asked for with. @type {Map<string, string>} */
  #askedFor = new Map();

  /**
   * @param {object} given
   * @param {import('../types/index.d.ts').TransformEngine} given.engine
   * @param {string} given.identity
   * @param {Fields} given.core options of the output
   * @param {Fields} given.input options of the build
   * @param {Map<number, LastResult>} given.memory of the builds of this configuration, by output
   * @param {EngineStats} given.stats
   */
  constructor({ engine, identity, core, input, memory, stats }) {
    this.engine = engine;
    this.identity = identity;
    this.core = core;
    this.input = input;
    this.memory = memory;
    this.stats = stats;
  }

  /**
   * @param {number} index of the output
   * @param {Fields[]} planned chunks of the core, with preliminary names
   * @param {CoreBundle} modules
   */
  async make(index, planned, modules) {
    const view = (this.view = new ModuleView(modules));
    // In an application of pages scripts are assets among others, as the core names them too.
    const hasPages = planned.some(({ isEntry, facadeModuleId }) => isEntry && view.pages.has(facadeModuleId));
    this.chunkNames = this.core.chunkFileNames ?? (hasPages ? 'assets/[name]-[hash].js' : '[name]-[hash].js');
    const codes = view.hashes();
    const names = (this.names = new HashedNames((text) => view.contains(text)));
    // Of a document without a script, or a style sheet, there is nothing to make.
    const made = planned.filter(({ facadeModuleId, moduleIds }) => (facadeModuleId === null ? moduleIds.length > 0 : view.has(view.entry(facadeModuleId) ?? '')));
    const chunks = made.map((data) => ({ data, fileName: names.ofChunk(data.preliminaryFileName) }));
    const plan = this.#plan(chunks, view);
    const { code: _, map: __, fileName: ___, previous: ____, ...said } = plan;
    const planHash = createHash('sha256').update(this.identity).update(JSON.stringify([said, this.chunkNames])).digest('hex');
    const last = this.memory.get(index);
    const changed = [...codes].filter(([id, hash]) => last?.codes.get(id) !== hash).map(([id]) => id);
    if (last && last.plan === planHash && changed.length === 0 && last.codes.size === codes.size) {
      this.stats.reused++;
      // Its files hold words for names that it asked for: in the same order they are the same.
      for (const name of last.named) plan.fileName(name);
      return this.#chunks(last.files, chunks);
    }
    plan.previous = last ? { files: last.files, changed, isSamePlan: last.plan === planHash } : null;
    this.stats.calls++;
    /** @type {string[]} */
    const named = [];
    const { fileName } = plan;
    plan.fileName = (name) => {
      named.push(name);
      return fileName(name);
    };
    const ids = new Set(planned.flatMap(({ moduleIds }) => moduleIds));
    const given = this.#checked(await this.#transform(plan), {
      chunks, sourcemap: plan.sourcemap, mentioned: (text) => names.mentioned(text), isPlanned: (id) => view.has(id) || ids.has(id),
    });
    this.stats.modules += view.asked.size;
    this.memory.set(index, { plan: planHash, codes, files: given, named });
    return this.#chunks(given, chunks);
  }

  /**
   * @param {{ data: Fields, fileName: string }[]} chunks
   * @param {ModuleView} view
   * @returns {EnginePlan}
   */
  #plan(chunks, view) {
    const { core, input } = this;
    return {
      cwd: input.cwd, format: core.format ?? 'es', platform: input.platform ?? 'browser',
      minify: (core.minify ?? 'none') !== 'none', sourcemap: (core.sourcemap ?? 'none') !== 'none',
      codeSplitting: core.file === undefined && !['iife', 'umd'].includes(core.format) && core.codeSplitting !== false,
      exports: core.exports ?? 'auto', name: core.name, extend: core.extend ?? false, globals: globalsOf(view.externals, core, input.cwd),
      modules: view.modules,
      chunks: chunks.map(({ data, fileName }) => ({
        name: data.name, fileName, kind: data.isEntry ? 'entry' : data.isDynamicEntry ? 'dynamic' : 'common',
        entry: view.entry(data.facadeModuleId), modules: data.moduleIds.filter((/** @type {string} */ id) => view.has(id)),
      })),
      externals: view.externals,
      code: (id) => view.code(id), map: (id) => view.map(id),
      fileName: (name) => this.#named(name),
      previous: null,
    };
  }

  /**
   * @param {unknown} files
   * @param {Parameters<typeof checkedFiles>[1]} plan
   */
  #checked(files, plan) {
    try {
      return checkedFiles(files, plan, (what, hint) => this.fault(what, hint));
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'BuildError') throw cause;
      throw engineError(this.engine.name, `gave files that cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  /** Of engine, maps and core together. @param {string[]} names */
  checkNames(names) {
    checkNames(names.map((fileName) => ({ fileName })), (what, hint) => this.fault(what, hint));
  }

  /** @param {string} name */
  #named(name) {
    if (typeof name !== 'string') throw this.fault(`asked for a file to be named after ${kindOf(name)}`, '"plan.fileName(name)" takes a string');
    const fileName = /** @type {HashedNames} */ (this.names).make(this.chunkNames ?? '', name, this.core.format ?? 'es');
    this.#askedFor.set(fileName, name);
    return fileName;
  }

  /** @param {EnginePlan} plan */
  async #transform(plan) {
    try {
      return await this.engine.transform(plan);
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'BuildError') throw cause;
      throw engineError(this.engine.name, `failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }

  /**
   * @param {string} what the engine did
   * @param {string} [hint]
   */
  fault(what, hint) {
    return engineError(this.engine.name, what, { hint });
  }

  /**
   * @param {EngineFile[]} files
   * @param {{ data: Fields, fileName: string }[]} chunks
   */
  #chunks(files, chunks) {
    /** @type {MadeChunk[]} */
    const made = [];
    /** @type {EngineFile[]} */
    const others = [];
    /** Planned chunk -> what the engine calls it. @type {Map<string, string>} */
    const names = new Map();
    const present = new Set(files.map((file) => file.fileName));
    for (const { data, fileName } of chunks) {
      // A route under another name is known by its module.
      const other = data.isEntry || present.has(fileName) ? undefined : files.find((file) => file.modules?.includes(data.facadeModuleId) && !chunks.some((one) => one.fileName === file.fileName));
      names.set(data.preliminaryFileName, other?.fileName ?? fileName);
    }
    const rendered = new Map(chunks.flatMap(({ data }) => data.moduleIds.map((/** @type {string} */ id, /** @type {number} */ at) => [id, data.modules[at]])));
    const idsOf = modulesOfFiles(files, chunks.map(({ data }) => ({ data, fileName: /** @type {string} */ (names.get(data.preliminaryFileName)) })));
    for (const file of files) {
      if (file.code === undefined) {
        others.push(file);
        continue;
      }
      const data = chunks.find(({ data: one }) => names.get(one.preliminaryFileName) === file.fileName)?.data;
      const { modules: _, importedBindings: __, ...rest } = data ?? { name: this.#askedFor.get(file.fileName) ?? path.posix.basename(file.fileName).replace(/\.[^.]*$/, ''), isEntry: false, isDynamicEntry: false, facadeModuleId: null, referencedFiles: [], cssFileName: null };
      const ids = idsOf(file, data);
      const fields = {
        type: 'chunk', ...rest, fileName: file.fileName, preliminaryFileName: file.fileName, moduleIds: ids,
        modules: Object.fromEntries(ids.map((/** @type {string} */ id) => [id, { code: null, ...(rendered.get(id) ?? { renderedLength: 0, originalLength: 0, renderedExports: [], removedExports: [] }) }])),
        imports: this.#ways(file.imports, file.fileName), dynamicImports: this.#ways(file.dynamicImports, file.fileName), exports: [...(file.exports ?? data?.exports ?? [])], importedBindings: {},
        isImplicitEntry: false, implicitlyLoadedBefore: [], sourcemapFileName: null,
      };
      made.push(new MadeChunk(fields, file.code, file.map ?? this.#mapOf(file, ids)));
    }
    const order = new Map([...names.values()].map((name, at) => [name, at]));
    const place = (/** @type {MadeChunk} */ { fields }) => order.get(fields.fileName) ?? order.size;
    made.sort((a, b) => place(a) - place(b) || (a.fields.fileName < b.fields.fileName ? -1 : 1));
    return { made, others, planned: names };
  }

  /**
   * A module as it is has its own map, from the directory of the output.
   * @param {EngineFile} file
   * @param {string[]} ids of its modules
   */
  #mapOf({ code }, ids) {
    const { view } = this;
    const live = this.core.sourcemap === undefined || this.core.sourcemap === 'none' || !view ? [] : ids.filter((id) => view.has(id));
    const module = live.length === 1 ? view?.module(live[0]) : undefined;
    if (!module || !view || view.text(module.id) !== code) return null;
    const map = view.map(module.id);
    return map && { ...map, sources: map.sources.map((/** @type {string} */ source) => (/^(?:[a-z][\w+.-]*:|\/)/i.test(source) ? source : path.posix.join(path.posix.dirname(module.file), source))) };
  }

  /**
   * Ways from the code of modules to files that are no modules, which begin where the modules were said to lie.
   * @param {string} code
   * @param {string} fileName of the chunk
   * @param {Fields[]} files of the core's output, with final names
   * @returns {import('../output/edits.js').Edit[]}
   */
  mentionEdits(code, fileName, files) {
    const edits = [];
    for (let at = code.indexOf(`${MENTIONED}/`); at >= 0; at = code.indexOf(`${MENTIONED}/`, at + 1)) {
      // What stands behind it may be a part of the same text: minifiers put texts together.
      const form = this.view?.formAt(code, at);
      if (form === undefined) throw this.fault(`changed a mention of another file in "${fileName}": ${JSON.stringify(code.slice(at, at + 80))}`, 'What begins so in the code of modules has to stay as it is');
      const before = /(?:\.\.?\/)*$/.exec(code.slice(Math.max(0, at - 300), at))?.[0] ?? '';
      const text = this.#wayTo(form.name, before, fileName, files, code[at - before.length - 1] ?? '');
      if (text !== undefined) edits.push({ start: at - before.length, end: at + form.length, text });
    }
    return edits;
  }

  /**
   * @param {string} name what is mentioned
   * @param {string} before the way there from where modules were said to lie
   * @param {string} fileName of the chunk
   * @param {Fields[]} files
   * @param {string} previous letter
   */
  #wayTo(name, before, fileName, files, previous) {
    const outside = before === '' ? this.#outside(name, fileName) : undefined;
    if (outside !== undefined) return outside;
    const target = this.#realFile(name, files);
    if (target === undefined) return undefined;
    // Behind a base, where the files are served from, stands the way from the output directory.
    const isBased = before === '' && /[/:]/.test(previous);
    const way = isBased ? target : path.posix.relative(path.posix.dirname(fileName), target);
    return before === './' && !way.startsWith('.') ? `./${encodeURI(way)}` : encodeURI(way);
  }

  /**
   * The way from a chunk to a file that was left out.
   * @param {string} mentioned
   * @param {string} fileName of the chunk
   */
  #outside(mentioned, fileName) {
    const target = this.view?.mentioned.get(mentioned)?.outside;
    if (target === undefined) return undefined;
    const way = path.posix.relative(path.posix.dirname(fileName), target);
    return way.startsWith('.') ? way : `./${way}`;
  }

  /**
   * @param {string[] | undefined} files and specifiers that a chunk loads
   * @param {string} fileName of the chunk
   */
  #ways(files = [], fileName = '') {
    return files.map((file) => (file.startsWith(MENTIONED) ? this.#outside(this.view?.formAt(file, 0)?.name ?? file, fileName) : undefined) ?? file);
  }

  /**
   * @param {string} mentioned
   * @param {Fields[]} files
   * @returns {string | undefined}
   */
  #realFile(mentioned, files) {
    const { asset, worker, sheetOf } = this.view?.mentioned.get(mentioned) ?? {};
    if (worker !== undefined) return files.find((file) => file.type === 'chunk' && file.facadeModuleId === worker)?.fileName;
    if (sheetOf !== undefined) return files.find((file) => file.type === 'chunk' && file.cssFileName && (file.moduleIds.includes(sheetOf) || file.facadeModuleId === sheetOf))?.cssFileName;
    return files.find((file) => file.type === 'asset' && asset !== undefined && file.originalFileNames.includes(asset))?.fileName;
  }
}

/**
 * Ids of the modules in each file of an engine. Of some nothing is left, those of style sheets for instance, and engines say nothing of them; who
 * goes over chunks looks for them where they were planned, in evaluation order.
 * @param {EngineFile[]} files
 * @param {{ data: Fields, fileName: string }[]} chunks planned, with the names of their files
 * @returns {(file: EngineFile, data: Fields | undefined) => string[]}
 */
function modulesOfFiles(files, chunks) {
  const scripts = files.filter((file) => file.code !== undefined);
  const held = new Set(scripts.flatMap((file) => file.modules ?? chunks.find(({ fileName }) => fileName === file.fileName)?.data.moduleIds ?? []));
  /** Files -> modules of planned chunks that the engine has put into them. @type {Map<EngineFile | undefined, string[]>} */
  const moved = new Map();
  for (const { data, fileName } of chunks) {
    if (scripts.some((file) => file.fileName === fileName)) continue;
    const lost = data.moduleIds.filter((/** @type {string} */ id) => !held.has(id));
    const inHere = new Set(data.moduleIds);
    const joined = scripts.find((file) => file.modules?.some((id) => inHere.has(id)));
    // Who was to load it has what it held: a route wants its style sheets whether it has code or not.
    const wanting = joined ? [] : importersOf(data.preliminaryFileName, chunks).flatMap((name) => scripts.find((file) => file.fileName === name) ?? []);
    const homes = joined ? [joined] : wanting.length > 0 ? wanting : [scripts.find((file) => file.fileName === chunks[0]?.fileName)];
    for (const home of homes) moved.set(home, [...(moved.get(home) ?? []), ...lost]);
  }
  return (file, data) => {
    /** @type {string[]} */
    const planned = data?.moduleIds ?? [];
    const own = file.modules && new Set(file.modules);
    const here = planned.filter((id) => own === undefined || own.has(id) || !held.has(id));
    return [...new Set([...(moved.get(file) ?? []), ...here, ...(file.modules ?? [])])];
  };
}

/**
 * Names of the files of planned chunks that load a chunk.
 * @param {string} preliminary
 * @param {{ data: Fields, fileName: string }[]} chunks
 */
function importersOf(preliminary, chunks) {
  return chunks.flatMap(({ data, fileName }) => (data.imports.includes(preliminary) || data.dynamicImports.includes(preliminary) ? [fileName] : []));
}

/**
 * Global variables of external modules, as the linker takes them: by what the user calls a module, else by a guess, of which the core warns.
 * @param {string[]} externals
 * @param {Fields} core
 * @param {string} cwd
 * @returns {Record<string, string>}
 */
function globalsOf(externals, core, cwd) {
  if (!['iife', 'umd'].includes(core.format)) return Object.fromEntries(core.globals ?? []);
  const given = new Map(core.globals ?? []);
  const dir = path.resolve(cwd, core.file === undefined ? (core.dir ?? 'dist') : path.dirname(core.file));
  return Object.fromEntries(externals.map((specifier) => {
    const id = specifier.startsWith(MENTIONED) ? path.resolve(dir, decodeURIComponent(specifier.slice(OUTSIDE.length))) : specifier;
    return [specifier, String(given.get(id) ?? variableFor(id))];
  }));
}

/**
 * What the core calls a module that has no name (`base_name_of` in `cloudpack_summary`), letter by letter as it does.
 * @param {string} id
 */
function variableFor(id) {
  const place = id.replace(/[?#].*$/, '').replace(/\/+$/, '');
  const [file, ...folders] = place.split('/').reverse();
  const stem = file.indexOf('.') > 0 ? file.slice(0, file.indexOf('.')) : file;
  const isVague = stem === 'index' || (stem === 'main' && place.includes('node_modules'));
  const chosen = (isVague ? folders.find((part) => !['src', 'lib', 'dist', 'es', 'esm', 'cjs', ''].includes(part)) : undefined) ?? stem;
  let name = '';
  for (const letter of chosen) {
    if (/[A-Za-z0-9_$]/.test(letter)) name += letter;
    else if (!name.endsWith('_')) name += '_';
  }
  return /^(?:\d|$)/.test(name) ? `_${name}` : name;
}
