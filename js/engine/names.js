/**
 * Names of files with a hash in them, which is known only when the files are. Until then a word of the same length stands in its place, in
 * names, code and maps, so that putting the hash in moves nothing.
 */
import { createHash } from 'node:crypto';

const HASH_LENGTH = 8;
/** What the core has in their place. */
const OF_CORE = /!~\{[0-9a-zA-Z]+\}~/g;

export class HashedNames {
  /** Word -> name of the file. @type {Map<string, string>} */
  #words = new Map();
  /** @type {Set<string>} */
  #taken = new Set();
  /** Begins every word; none of the texts has it. */
  #prefix;

  /** @param {(beginning: string) => boolean} isTaken whether a text that is not ours has it */
  constructor(isTaken) {
    const letters = [...'QXZJKVWY'];
    const pairs = letters.flatMap((first) => letters.flatMap((second) => [...'0123456789'].map((digit) => `${first}${digit}${second}`)));
    const free = pairs.find((prefix) => !isTaken(`${prefix}0`));
    if (free === undefined) throw new Error('there is no free word for hashes in names of files');
    this.#prefix = free;
  }

  /**
   * A name that the core gave, with a word of ours.
   * @param {string} preliminary
   */
  ofChunk(preliminary) {
    return this.#named(preliminary.replace(OF_CORE, (placeholder) => this.#word(placeholder.length)));
  }

  /**
   * A free name.
   * @param {string} pattern
   * @param {string} name
   * @param {string} format
   */
  make(pattern, name, format) {
    const clean = name.replace(/[\0-\x1f"#$%&*+,:;<=>?[\]^`{|}\\]/g, '_').split('/').filter((part) => part !== '' && part !== '.').map((part) => (part === '..' ? '_' : part)).join('/') || '_';
    const fileName = pattern.replace(/\[(name|hash|format|ext|extname)(?::(\d+))?\]/g, (_, word, length) =>
      word === 'hash' ? this.#word(Math.max(6, Number(length ?? HASH_LENGTH))) : /** @type {Record<string, string>} */ ({ name: clean, format, ext: 'js', extname: '.js' })[word]);
    let free = fileName;
    for (let number = 2; this.#taken.has(free.toLowerCase()); number++) free = fileName.replace(/(\.[^./]*)?$/, `${number}$1`);
    return this.#named(free);
  }

  /**
   * Names of files, by the words in a text.
   * @param {string} text
   */
  mentioned(text) {
    return this.#words.size === 0 ? [] : [...new Set(text.match(this.#any()) ?? [])].map((word) => /** @type {string} */ (this.#words.get(word)));
  }

  #any() {
    return new RegExp([...this.#words.keys()].join('|'), 'g');
  }

  /**
   * Final names and texts. Cost: a search of each text, and what is reached from each file.
   * @param {Map<string, { text: string, extra: string }>} files by name
   * @returns {(text: string) => string} puts the hashes into a text
   */
  settle(files) {
    if (this.#words.size === 0) return (text) => text;
    const any = this.#any();
    const owners = new Map([...this.#words].map(([word, name]) => [name, word]));
    const mentions = new Map([...files].map(([name, { text }]) => [name, this.mentioned(text)]));
    const hashed = (/** @type {(hash: import('node:crypto').Hash) => void} */ feed) => {
      const hash = createHash('sha256');
      feed(hash);
      return hash.digest('base64url');
    };
    const texts = new Map([...files].map(([name, { text, extra }]) => [name, hashed((hash) => hash.update(text.replaceAll(any, '')).update('\0').update(extra))]));
    // Two mentions that change places are another text.
    const own = new Map([...files].map(([name, { text }]) => [name, hashed((hash) => hash.update(texts.get(name) ?? '').update(text.replaceAll(any, (word) => texts.get(/** @type {string} */ (this.#words.get(word))) ?? '')))]));
    /** @type {Map<string, string>} */
    const final = new Map();
    for (const [name, word] of owners) {
      const reached = new Set([name]);
      for (const file of reached) for (const next of mentions.get(file) ?? []) reached.add(next);
      const led = [...reached].filter((file) => file !== name).map((file) => own.get(file) ?? '').sort();
      const digest = hashed((hash) => hash.update(own.get(name) ?? '').update(led.join()));
      final.set(word, digest.repeat(2).slice(0, word.length));
    }
    return (text) => text.replaceAll(any, (word) => final.get(word) ?? word);
  }

  /** @param {string} fileName */
  #named(fileName) {
    this.#taken.add(fileName.toLowerCase());
    for (const [word, name] of this.#words) if (name === '' && fileName.includes(word)) this.#words.set(word, fileName);
    return fileName;
  }

  /** @param {number} length */
  #word(length) {
    const word = this.#prefix + this.#words.size.toString(36).padStart(length - this.#prefix.length, '0');
    this.#words.set(word, '');
    return word;
  }
}
