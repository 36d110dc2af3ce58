/**
 * Files that plugins emit, by reference. Chunks become entry points of the core while the graph is built; assets get
 * their names here, because `getFileName` must answer before the core has written anything. What is emitted during the
 * build belongs to every output; each output goes on with a copy, so that its own files stay its own.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';

/** @typedef {import('../types/index.d.ts').EmittedFile} EmittedFile */

/**
 * @typedef {object} EmittedAsset
 * @property {'asset'} type
 * @property {string} reference
 * @property {string | undefined} name
 * @property {string | undefined} originalFileName
 * @property {string | undefined} fixedName `fileName` as the plugin chose it
 * @property {string | Uint8Array | undefined} source
 * @property {string} plugin
 * @property {boolean} needsCodeReference
 * @property {string} [fileName] in this output
 */
/**
 * @typedef {object} EmittedChunk
 * @property {'chunk'} type
 * @property {string} reference
 * @property {string} id
 * @property {string | undefined} name
 * @property {string | undefined} importer
 * @property {string | undefined} fixedName
 * @property {string} [fileName] in this output, preliminary until hashes are known
 */
/** @typedef {{ type: 'prebuilt-chunk', reference: string, fileName: string, file: any }} EmittedPrebuilt */
/** @typedef {EmittedAsset | EmittedChunk | EmittedPrebuilt} Emitted */
/** @typedef {{ fileName: string, source: string | Uint8Array, plugin: string, names: string[], originalFileNames: string[] }} AssetFile */

export const DEFAULT_ASSET_NAMES = 'assets/[name]-[hash][extname]';
/** As Rollup: what URLs and file systems give a meaning to. */
const UNSAFE = /[\0-\u001F"#$%&*+,:;<=>?[\]^`{|}\u007F]/g;

export class FileEmitter {
  /** @type {Map<string, Emitted>} */
  files = new Map();
  /** @type {EmittedChunk[]} */
  newChunks = [];
  /** References that some code mentions by `import.meta.ROLLUP_FILE_URL_*`. @type {Set<string>} */
  mentioned = new Set();
  /** Which plugin chose a name of a file, by the name in small letters: not every file system tells `a.js` from `A.js`. @type {Map<string, string>} */
  #chosen = new Map();
  /** @type {Map<string, EmittedAsset>} */
  #byFileName = new Map();
  /** @type {Map<string, EmittedAsset>} */
  #bySource = new Map();
  #count = 0;
  #assetNames = /** @type {string | ((asset: object) => string)} */ (DEFAULT_ASSET_NAMES);

  /** @param {boolean} [keepsFirst] of two assets under one name, as Rollup does; Rolldown keeps the last */
  constructor(keepsFirst = false) {
    this.keepsFirst = keepsFirst;
  }

  /**
   * A copy for one output.
   * @param {string | ((asset: object) => string) | undefined} assetNames
   */
  forOutput(assetNames) {
    const copy = new FileEmitter(this.keepsFirst);
    for (const [reference, file] of this.files) copy.files.set(reference, { ...file });
    copy.mentioned = new Set(this.mentioned);
    copy.#chosen = new Map(this.#chosen);
    copy.#count = this.#count;
    copy.#assetNames = assetNames ?? DEFAULT_ASSET_NAMES;
    return copy;
  }

  /**
   * @param {EmittedFile} file
   * @param {boolean} graphIsOpen chunks can only be emitted while modules are loaded
   * @param {string} [plugin]
   * @returns {{ reference: string, conflict?: import('../types/index.d.ts').RollupLog }}
   */
  emit(file, graphIsOpen, plugin = '') {
    const given = /** @type {Record<string, any>} */ (file ?? {});
    for (const key of ['fileName', 'name']) {
      const value = given[key];
      if (value === undefined || value === null) continue;
      if (typeof value !== 'string' || path.isAbsolute(value) || path.win32.isAbsolute(value) || /^\.{1,2}[\\/]/.test(value)) {
        throw fault('VALIDATION_ERROR', `The "${key}" of an emitted file must be a string that is neither an absolute nor a relative path, got ${JSON.stringify(value)}`);
      }
    }
    const before = this.files.size;
    const reference = this.#emitAs(given, graphIsOpen, plugin);
    return { reference, conflict: this.files.size > before && typeof given.fileName === 'string' ? this.#choose(given.fileName, plugin) : undefined };
  }

  /**
   * @param {string} fileName
   * @param {string} plugin
   */
  #choose(fileName, plugin) {
    const other = this.#chosen.get(fileName.toLowerCase());
    this.#chosen.set(fileName.toLowerCase(), plugin);
    return other === undefined ? undefined : fileNameConflict(fileName, plugin, `by a file of plugin "${other}"`);
  }

  /**
   * @param {Record<string, any>} given
   * @param {boolean} graphIsOpen
   * @param {string} plugin
   */
  #emitAs(given, graphIsOpen, plugin) {
    if (given.type === 'asset') return this.#emitAsset(given, plugin);
    if (given.type === 'chunk') return this.#emitChunk(given, graphIsOpen);
    if (given.type === 'prebuilt-chunk') return this.#emitPrebuilt(given);
    throw fault('VALIDATION_ERROR', `An emitted file must be of type "asset", "chunk" or "prebuilt-chunk", got ${JSON.stringify(given.type)}`);
  }

  /** @param {Record<string, any>} given @param {string} plugin */
  #emitAsset(given, plugin) {
    const source = given.source === undefined || given.source === null ? undefined : sourceOf(given.source);
    const name = given.name ?? given.names?.[0];
    const originalFileName = given.originalFileName ?? given.originalFileNames?.[0] ?? undefined;
    const identity = source === undefined ? `#${this.#count++}` : digest(source);
    const reference = referenceOf('asset', name, given.fileName, originalFileName, identity);
    const known = this.files.get(reference);
    if (known) return reference;
    this.files.set(reference, {
      type: 'asset', reference, name, originalFileName, fixedName: given.fileName ?? undefined, source, plugin,
      needsCodeReference: Boolean(given.needsCodeReference),
    });
    return reference;
  }

  /**
   * @param {Record<string, any>} given
   * @param {boolean} graphIsOpen
   */
  #emitChunk(given, graphIsOpen) {
    if (!graphIsOpen) throw fault('INVALID_ROLLUP_PHASE', 'Cannot emit chunks after module loading has finished');
    if (typeof given.id !== 'string') throw fault('VALIDATION_ERROR', 'An emitted chunk needs the "id" of its module');
    if (given.implicitlyLoadedAfterOneOf?.length) {
      throw fault('VALIDATION_ERROR', 'An emitted chunk cannot have "implicitlyLoadedAfterOneOf" in Cloudpack');
    }
    const reference = referenceOf('chunk', given.name, given.fileName, given.importer, given.id);
    if (this.files.has(reference)) return reference;
    /** @type {EmittedChunk} */
    const chunk = { type: 'chunk', reference, id: given.id, name: given.name, importer: given.importer, fixedName: given.fileName };
    this.files.set(reference, chunk);
    this.newChunks.push(chunk);
    return reference;
  }

  /** @param {Record<string, any>} given */
  #emitPrebuilt(given) {
    if (typeof given.code !== 'string' || typeof given.fileName !== 'string') {
      throw fault('VALIDATION_ERROR', 'An emitted prebuilt chunk needs "code" and "fileName"');
    }
    const reference = referenceOf('prebuilt-chunk', undefined, given.fileName, undefined, given.code);
    this.files.set(reference, { type: 'prebuilt-chunk', reference, fileName: given.fileName, file: given });
    return reference;
  }

  /**
   * Chunks emitted since the last call, as the core wants them.
   */
  takeChunks() {
    return this.newChunks.splice(0).map(({ reference, id, name, fixedName, importer }) => ({
      type: 'emitChunk', reference, import: id, name, fileName: fixedName, importer,
    }));
  }

  /**
   * @param {string} reference
   * @param {unknown} source
   */
  setSource(reference, source) {
    const file = this.#find(reference, 'ASSET_NOT_FOUND');
    if (file.type !== 'asset') {
      throw fault('VALIDATION_ERROR', `Asset sources can only be set for emitted assets, but "${reference}" is a ${file.type}`);
    }
    if (file.source !== undefined) {
      throw fault('ASSET_SOURCE_ALREADY_SET', `Unable to set the source of asset "${file.name ?? reference}": it was set before`);
    }
    file.source = sourceOf(source);
  }

  /**
   * @param {string} reference
   * @returns {string}
   */
  fileName(reference) {
    const file = this.#find(reference);
    if (file.type === 'asset') return this.nameAsset(file);
    if (file.fileName !== undefined) return file.fileName;
    throw fault('CHUNK_NOT_GENERATED', `The file name of emitted chunk "${file.type === 'chunk' ? (file.name ?? file.id) : reference}" is not known before chunks are rendered`);
  }

  /**
   * @param {string} reference
   * @param {string} [code] of the fault
   */
  #find(reference, code = 'FILE_NOT_FOUND') {
    const file = this.files.get(reference);
    if (!file) throw fault(code, `No file was emitted under the reference ${JSON.stringify(reference)}`);
    return file;
  }

  /** Whether some entry point is a plugin's. */
  get hasChunks() {
    return [...this.files.values()].some((file) => file.type === 'chunk');
  }

  /** Throws for an asset that never got a source. */
  checkSources() {
    for (const file of this.files.values()) {
      if (file.type !== 'asset' || file.source !== undefined || !this.#isNeeded(file)) continue;
      const named = file.name ?? file.fixedName ?? file.reference;
      throw Object.assign(fault('ASSET_SOURCE_MISSING', `The asset "${named}" that plugin "${file.plugin}" emitted never got a source`), { plugin: file.plugin });
    }
  }

  /** @param {EmittedAsset} file */
  #isNeeded(file) {
    return !file.needsCodeReference || this.mentioned.has(file.reference);
  }

  /**
   * Every asset of this output that has its source, each file once: those that were emitted last win, all their names stay.
   * @returns {AssetFile[]}
   */
  assets() {
    /** @type {Map<string, AssetFile>} */
    const byName = new Map();
    for (const file of this.files.values()) {
      if (file.type !== 'asset' || file.source === undefined || !this.#isNeeded(file)) continue;
      const fileName = this.nameAsset(file);
      const known = byName.get(fileName);
      byName.set(fileName, {
        fileName, source: (this.keepsFirst && known?.source) || file.source, plugin: file.plugin,
        names: merged(known?.names, file.name),
        originalFileNames: merged(known?.originalFileNames, file.originalFileName),
      });
    }
    return [...byName.values()];
  }

  /**
   * Equal sources share a file; a name that other content has gets a number.
   * @param {EmittedAsset} asset
   */
  nameAsset(asset) {
    if (asset.fileName !== undefined) return asset.fileName;
    if (asset.fixedName !== undefined) return (asset.fileName = asset.fixedName);
    if (asset.source === undefined) {
      throw fault('ASSET_NOT_FINALISED', `The source of emitted asset "${asset.name ?? asset.reference}" was never set, so it has no file name`);
    }
    const hash = digest(asset.source);
    const twin = this.#bySource.get(hash);
    if (twin?.fileName !== undefined) return (asset.fileName = twin.fileName);
    const wanted = fillPattern(this.#patternFor(asset), asset.name ?? 'asset', hash);
    const extension = path.posix.extname(wanted);
    let fileName = wanted;
    for (let number = 2; this.#byFileName.has(fileName.toLowerCase()); number++) {
      fileName = `${wanted.slice(0, wanted.length - extension.length)}${number}${extension}`;
    }
    this.#byFileName.set(fileName.toLowerCase(), asset);
    this.#bySource.set(hash, asset);
    return (asset.fileName = fileName);
  }

  /** @param {EmittedAsset} asset */
  #patternFor({ name, originalFileName, source }) {
    if (typeof this.#assetNames === 'string') return this.#assetNames;
    return this.#assetNames({
      type: 'asset', name, names: merged(undefined, name), originalFileName: originalFileName ?? null, originalFileNames: merged(undefined, originalFileName), source,
    });
  }
}

/**
 * @param {string} fileName
 * @param {string} plugin
 * @param {string} other what had the name
 */
export function fileNameConflict(fileName, plugin, other) {
  return { code: 'FILE_NAME_CONFLICT', plugin, message: `The file "${fileName}" that plugin "${plugin}" emitted has a name that is taken, ${other}` };
}

/**
 * @param {string[] | undefined} known
 * @param {string | undefined} name
 */
function merged(known = [], name) {
  return name === undefined || known.includes(name) ? known : [...known, name];
}

/**
 * @param {string} pattern
 * @param {string} name
 * @param {string} hash
 */
function fillPattern(pattern, name, hash) {
  const extname = path.posix.extname(name);
  const stem = name.slice(0, name.length - extname.length).replace(UNSAFE, '_');
  return pattern.replace(/\[(name|extname|ext|hash)(?::(\d+))?\]/g, (_, part, length) => {
    if (part === 'name') return stem;
    if (part === 'extname') return extname;
    if (part === 'ext') return extname.slice(1);
    return hash.slice(0, Number(length ?? 8));
  });
}

/**
 * 22 characters of `[A-Za-z0-9_$]`, a function of what was emitted, so that two runs name the same file alike.
 * @param {(string | undefined)[]} parts
 */
function referenceOf(...parts) {
  return digest(JSON.stringify(parts.map((part) => part ?? null))).slice(0, 22).replaceAll('-', '$');
}

/** @param {string | Uint8Array} source */
function digest(source) {
  return createHash('sha256').update(source).digest('base64url');
}

/**
 * @param {unknown} source
 * @returns {string | Uint8Array}
 */
function sourceOf(source) {
  if (typeof source === 'string' || source instanceof Uint8Array) return source;
  throw fault('VALIDATION_ERROR', 'The source of an emitted asset must be a string, a Uint8Array or a Buffer');
}

/**
 * @param {string} code
 * @param {string} message
 */
function fault(code, message) {
  return Object.assign(new Error(message), { code });
}
