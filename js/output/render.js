/**
 * One output: from the graph to files in a directory, with the output hooks in Rollup's order. The core renders and names
 * chunks; their text comes to JavaScript only when something here wants to change it.
 */
import { BuildError } from '../diagnostics.js';
import { collectHooks } from '../plugins/hooks.js';
import { invalidMap, renderedBy, textBy } from '../plugins/results.js';
import { callHook } from '../plugins/run-hooks.js';
import { fileNameConflict } from '../plugins/emitter.js';
import { fileUrlEdits } from '../plugins/file-urls.js';
import { joinChunkMaps, stepOf } from '../plugins/source-maps.js';
import { addonEdits, computedAddons } from './addons.js';
import { applyEdits } from './edits.js';
import { throwFaults } from './faults.js';
import { checkFile } from './check-file.js';
import { chooseChunks } from './choose-chunks.js';
import { assetFields, changesOf, chunkFields, chunkFieldsWithoutModules, fillChunk, keptFile, lazyAsset } from './bundle.js';

/** @typedef {import('./bundle.js').OutputFile} OutputFile */
/** @typedef {import('./bundle.js').CoreBundle} CoreBundle */

export class OutputRun {
  /** @type {Record<string, OutputFile>} */
  #files = {};
  /** Makes the file objects; they are many, and without plugins often nobody looks at them. @type {(() => void) | undefined} */
  #fill;
  /** @type {Map<number, OutputFile>} */
  #original = new Map();
  /** @type {CoreBundle | undefined} */
  #bundle;
  #filesAreOpen = false;

  /**
   * @param {object} given
   * @param {import('../plugins/driver.js').PluginDriver} given.driver
   * @param {number} given.index in the options
   * @param {import('../options/output-options.js').LocalOutput} given.local
   * @param {Record<string, any>} given.core
   * @param {import('../plugins/hooks.js').Plugin[]} given.plugins those of the build and of this output
   * @param {Record<string, any>} [given.options] that hooks are given
   * @param {string | ((asset: object) => string)} [given.assetNames]
   * @param {import('./chunk-names.js').ChunkNames} [given.chunkNames] when one of them is a function
   * @param {import('../engine/foreign.js').ForeignOutput} [given.engine] that makes the files, in place of the linker
   */
  constructor({ driver, index, local, core, plugins, options, assetNames, chunkNames, engine }) {
    this.driver = driver;
    this.engine = engine;
    this.index = index;
    this.local = local;
    this.plugins = plugins;
    this.hasMap = (core.sourcemap ?? 'none') !== 'none';
    this.format = core.format ?? 'es';
    this.chunkNames = chunkNames;
    this.assetNames = assetNames ?? core.assetFileNames;
    /** Replaced by a copy when this output begins. */
    this.emitter = driver.emitter;
    this.addons = computedAddons(local, plugins);
    /** One object for all hooks of this output: plugins use it as a key. */
    this.options = options ?? { ...local.options, ...(core.file ? {} : { dir: core.dir ?? 'dist' }) };
  }

  /** Files by name; plugins edit it in `generateBundle`. */
  get files() {
    const fill = this.#fill;
    this.#fill = undefined;
    fill?.();
    return this.#files;
  }

  /**
   * @param {Record<string, any>} inputOptions
   * @param {boolean} isWrite
   */
  async render(inputOptions, isWrite) {
    try {
      await this.begin(inputOptions);
      await this.generateBundle(isWrite);
    } catch (error) {
      await this.driver.runAll('renderError', [error], this.plugins, this);
      throw error;
    } finally {
      this.driver.output = undefined;
    }
  }

  /**
   * Makes the files, as far as `generateBundle` hooks leave them.
   * @param {Record<string, any>} inputOptions
   */
  async begin(inputOptions) {
    const { driver } = this;
    driver.output = this;
    this.emitter = driver.emitter.forOutput(this.assetNames);
    await driver.runAll('renderStart', [this.options, inputOptions], this.plugins, this);
    if (this.hasMap) for (const { plugin, id } of driver.brokenMaps.values()) this.#warnBroken(plugin, 'transform', id);
    if (this.local.chunks) driver.session.chooseChunks(this.index, JSON.stringify(await chooseChunks(this.local.chunks, driver)));
    if (this.chunkNames) await this.#nameChunks(this.chunkNames);
    if (this.engine && !(await this.engine.isUnchanged(driver.session, this.#wantsText()))) {
      await this.#makeForeign(this.engine);
      return;
    }
    const { chunks, replaced } = this.#wantsText() ? await this.#renderChunks() : { chunks: new Map(), replaced: [] };
    await this.#finalize(chunks, replaced);
  }

  /** Writes what is in the bundle and tells `writeBundle`. */
  async write() {
    const { driver } = this;
    const bundle = /** @type {CoreBundle} */ (this.#bundle);
    // Nobody has seen the files, so nobody changed them.
    const { removed, added } = this.#fill ? { removed: [], added: [] } : changesOf(this.#original, Object.values(this.files), bundle);
    await this.engine?.write(driver.session);
    const result = JSON.parse(await driver.session.write(this.index, bundle, removed, added));
    if (result.diagnostics) throw new BuildError(result.diagnostics);
    driver.output = this;
    try {
      if (this.#hasHook('writeBundle')) await driver.runAll('writeBundle', [this.options, this.files], this.plugins, this);
    } finally {
      driver.output = undefined;
    }
  }

  /**
   * A file was emitted or got its source while this output is made.
   * @param {string} reference
   * @param {string} plugin
   * @param {boolean} isTold whether it is known to take the place of another
   */
  fileEmitted(reference, plugin, isTold) {
    if (!this.#filesAreOpen) return;
    const file = this.emitter.files.get(reference);
    if (file?.type === 'asset' && file.source !== undefined) {
      const fileName = this.emitter.nameAsset(file);
      const known = this.emitter.assets().find((asset) => asset.fileName === fileName);
      if (!isTold && this.files[fileName]?.type === 'chunk') this.driver.logger.log('warn', fileNameConflict(fileName, plugin, 'by a chunk, and replaces it'));
      this.files[fileName] = /** @type {any} */ ({ ...assetFields(known ?? { fileName }), source: known?.source ?? file.source });
    } else if (file?.type === 'prebuilt-chunk') this.#addPrebuilt(file.file);
  }

  /** @param {string} name */
  #hasHook(name) {
    return this.plugins.some((plugin) => /** @type {any} */ (plugin)[name]);
  }

  #wantsText() {
    return this.#hasHook('renderChunk') || this.#hasHook('augmentChunkHash') || this.addons.length > 0 || this.emitter.mentioned.size > 0;
  }

  /** @param {import('./chunk-names.js').ChunkNames} names */
  async #nameChunks(names) {
    const { session } = this.driver;
    const { patternsFor } = await import('./chunk-names.js');
    const chunks = filesOf(await session.generate(this.index)).filter((file) => file.type === 'chunk');
    session.nameChunks(this.index, patternsFor(chunks, names, this.driver.userEntries()));
  }

  async #renderChunks() {
    const generated = await this.driver.session.generate(this.index);
    const files = filesOf(generated);
    /** By preliminary name: the objects that plugins see from here to the end. @type {Map<string, any>} */
    const chunks = new Map();
    for (const data of files) {
      if (data.type === 'chunk') chunks.set(data.preliminaryFileName, { ...chunkFields(data), fileName: data.preliminaryFileName });
    }
    this.#nameEmittedChunks([...chunks.values()]);
    const meta = { chunks: Object.fromEntries(chunks) };
    const replaced = await Promise.all(
      files.map((data, at) => (data.type === 'chunk' ? this.#renderChunk(chunks.get(data.preliminaryFileName), generated, at, meta) : null)),
    );
    return { chunks, replaced: replaced.filter((one) => one !== null) };
  }

  /**
   * @param {any} chunk
   * @param {CoreBundle} generated
   * @param {number} at
   * @param {object} meta
   */
  async #renderChunk(chunk, generated, at, meta) {
    const { local, addons } = this;
    const rendered = generated.code(at);
    const edits = await addonEdits({ addons, local, output: this, chunk, code: rendered });
    const { code, steps, augmentation } = await this.#edited(chunk, rendered, edits, meta);
    if (code === rendered && augmentation === '') return null;
    return {
      preliminaryFileName: chunk.preliminaryFileName, code: code === rendered ? undefined : code.toWellFormed(),
      map: joinChunkMaps(steps)?.toWellFormed(), hashAugmentation: augmentation || undefined,
    };
  }

  /**
   * @param {any} chunk
   * @param {string} rendered
   * @param {import('./edits.js').Edit[]} ours
   * @param {object} meta
   */
  async #edited(chunk, rendered, ours, meta) {
    const { driver, plugins } = this;
    const edits = [...ours, ...(await fileUrlEdits(rendered, this, chunk))];
    const edited = await applyEdits(rendered, edits, this.hasMap);
    let { code } = edited;
    /** @type {import('../plugins/source-maps.js').Step[]} */
    const steps = edited.step ? [edited.step] : [];
    for (const hook of collectHooks(plugins, 'renderChunk')) {
      const result = renderedBy(await callHook(hook, driver.context(hook.plugin, { output: this }), [code, chunk, this.options, meta]), hook);
      if (result === undefined) continue;
      const before = code;
      code = result.code;
      if (!this.hasMap) continue;
      const step = code === before && result.map === undefined ? null : stepOf(result.map, (why) => invalidMap(hook, why));
      if (step === 'broken') this.#warnBroken(hook.plugin.name, 'renderChunk', chunk.fileName);
      if (step) steps.push(step);
    }
    let augmentation = '';
    for (const hook of collectHooks(plugins, 'augmentChunkHash')) {
      augmentation += textBy(await callHook(hook, driver.context(hook.plugin, { output: this }), [chunk]), hook);
    }
    return { code, steps, augmentation };
  }

  /**
   * Assets, style sheets, documents and workers are the core's; its chunks give way to those of an engine.
   * @param {import('../engine/foreign.js').ForeignOutput} engine
   */
  async #makeForeign(engine) {
    const { driver } = this;
    const made = await engine.make(this, filesOf(await driver.session.generate(this.index)));
    const chunks = made.chunks.map(({ fields }) => fields);
    this.#nameEmittedChunks(chunks);
    const meta = { chunks: Object.fromEntries(chunks.map((chunk) => [chunk.fileName, chunk])) };
    const edited = await Promise.all(made.chunks.map(async ({ fields, code }) => this.#edited(fields, code, await engine.edits(this, fields, code), meta)));
    // Hooks may have emitted files.
    await this.#finalize(new Map(), []);
    const settled = await Promise.all(edited.map(async ({ code, steps, augmentation }, at) => {
      const { code: final, step } = await applyEdits(code, engine.mentions(made.chunks[at].fields, code, this.files), this.hasMap);
      return { code: final, steps: step ? [...steps, step] : steps, augmentation };
    }));
    engine.takePlaces(this.files, made, settled);
    this.#nameEmittedChunks(Object.values(this.files));
  }

  /**
   * @param {Map<string, any>} chunks
   * @param {object[]} replaced
   */
  async #finalize(chunks, replaced) {
    const emitted = this.emitter.assets();
    const assets = emitted.map((asset) => ({
      type: 'emitAsset', reference: asset.fileName, name: asset.names[0], fileName: asset.fileName, ...sourceForCore(asset.source),
    }));
    const bundle = await this.driver.session.finalize(this.index, JSON.stringify(replaced), JSON.stringify(assets));
    throwFaults(bundle);
    this.#bundle = bundle;
    this.#fill = () => {
      JSON.parse(bundle.files()).forEach((/** @type {any} */ data, /** @type {number} */ at) => {
        const file = data.kept ? keptFile(data, bundle, at) : data.type === 'chunk'
          ? fillChunk(finalFields(chunks.get(data.preliminaryFileName), data), bundle, at)
          : lazyAsset(data, bundle, at);
        const other = this.#files[file.fileName];
        if (other) throw sameName(file.fileName, emitted);
        this.#files[file.fileName] = file;
        this.#original.set(at, file);
      });
    };
    // What is done to them below needs them.
    if (this.emitter.files.size === 0) return;
    for (const asset of emitted) {
      const file = this.files[asset.fileName];
      if (file) Object.assign(file, assetFields(asset));
    }
    this.#nameEmittedChunks(Object.values(this.files));
    for (const file of this.emitter.files.values()) if (file.type === 'prebuilt-chunk') this.#addPrebuilt(file.file);
  }

  /** @param {boolean} isWrite */
  async generateBundle(isWrite) {
    this.#filesAreOpen = true;
    if (!this.#hasHook('generateBundle')) return this.emitter.checkSources();
    for (const hook of collectHooks(this.plugins, 'generateBundle')) {
      await callHook(hook, this.driver.context(hook.plugin, { output: this }), [this.options, this.files, isWrite]);
      for (const [name, file] of Object.entries(this.files)) checkFile(file, name, hook);
    }
    // Its last chance was in `generateBundle`.
    this.emitter.checkSources();
  }

  /**
   * Which chunk an emitted chunk became is seen by its module: the chunk that stands for it, or else the one that holds it.
   * @param {any[]} files
   */
  #nameEmittedChunks(files) {
    const chunks = files.filter((file) => file.type === 'chunk');
    for (const file of this.emitter.files.values()) {
      if (file.type !== 'chunk') continue;
      const id = this.driver.resolver.entryId(file.id, file.importer);
      const chunk = chunks.find((one) => one.facadeModuleId === id) ?? chunks.find((one) => one.moduleIds.includes(id));
      file.fileName = chunk?.fileName;
    }
  }

  /** @param {any} given */
  #addPrebuilt(given) {
    this.files[given.fileName] = /** @type {any} */ ({
      type: 'chunk', name: given.name ?? given.fileName, preliminaryFileName: given.fileName, isEntry: given.isEntry ?? false,
      isDynamicEntry: given.isDynamicEntry ?? false, isImplicitEntry: false, facadeModuleId: given.facadeModuleId ?? null,
      moduleIds: [], modules: {}, exports: given.exports ?? [], imports: [], dynamicImports: [], implicitlyLoadedBefore: [],
      importedBindings: {}, referencedFiles: [], sourcemapFileName: given.sourcemapFileName ?? null,
      fileName: given.fileName, code: given.code, map: given.map ?? null,
    });
  }

  /**
   * @param {string} plugin
   * @param {string} hook
   * @param {string} id
   */
  #warnBroken(plugin, hook, id) {
    this.driver.logger.log('warn', {
      code: 'SOURCEMAP_BROKEN', plugin, hook, id,
      message: `Sourcemap is likely to be incorrect: plugin "${plugin}" changed the code and returned no map`,
    });
  }
}

/**
 * A chunk whose name an asset was given would be lost.
 * @param {string} fileName
 * @param {import('../plugins/emitter.js').AssetFile[]} emitted
 */
function sameName(fileName, emitted) {
  const plugin = emitted.find((asset) => asset.fileName === fileName)?.plugin;
  const whose = plugin ? `that plugin "${plugin}" emitted ` : '';
  return Object.assign(new Error(`The file "${fileName}" ${whose}has the name of a chunk: give one of them another name`), { code: 'FILE_NAME_CONFLICT', plugin });
}

/**
 * The chunk that `renderChunk` saw goes on under its final name. What modules it has does not change any more, and Vite has put
 * a property of its own in their place.
 * @param {Record<string, any> | undefined} seen
 * @param {any} data
 */
function finalFields(seen, data) {
  return seen ? Object.assign(seen, chunkFieldsWithoutModules(data)) : chunkFields(data);
}

/**
 * The description of a bundle that the core gave; its faults are thrown.
 * @param {CoreBundle} bundle
 * @returns {any[]}
 */
function filesOf(bundle) {
  throwFaults(bundle);
  return JSON.parse(bundle.files());
}

/** @param {string | Uint8Array} source */
function sourceForCore(source) {
  if (typeof source === 'string') return { source: source.toWellFormed() };
  return { source: Buffer.from(source.buffer, source.byteOffset, source.byteLength).toString('base64'), isBase64: true };
}
