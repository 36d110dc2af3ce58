/**
 * Names of files with a hash in them, which is known only when the files are. Until then a placeholder of the same length stands in its
 * place, in names, code and maps, so that putting the hash in moves nothing.
 */
import { createHash } from 'node:crypto';

const HASH_LENGTH = 8;
/** What the core has in their place. */
const OF_CORE = /!~\{[0-9a-zA-Z]+\}~/g;
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export class HashedNames {
  /** Placeholder -> name of the file. @type {Map<string, string>} */
  #owners = new Map();
  /** Lower case. @type {Set<string>} */
  #taken = new Set();
  /** Beginnings that no module has. */
  #free;
  /** Length -> how its placeholders begin, and how many there are: none begins like one of another length. @type {Map<number, { prefix: string, count: number }>} */
  #lengths = new Map();
  /** Every placeholder. @type {RegExp | undefined} */
  #any;

  /** @param {(beginning: string) => boolean} isTaken whether the code of a module has it */
  constructor(isTaken) {
    const letters = [...'QXZJKVWY'];
    const pairs = letters.flatMap((first) => letters.flatMap((second) => [...'0123456789'].map((digit) => `${first}${digit}${second}`)));
    this.#free = pairs.filter((prefix) => !isTaken(prefix))[Symbol.iterator]();
  }

  /**
   * A name that the core gave, with a placeholder of ours.
   * @param {string} preliminary
   */
  ofChunk(preliminary) {
    return this.#named(preliminary, OF_CORE, ([placeholder]) => placeholder.length);
  }

  /**
   * A free name.
   * @param {string} pattern
   * @param {string} name
   * @param {string} format
   */
  make(pattern, name, format) {
    const clean = name.replace(/[\0-\x1f"#$%&*+,:;<=>?[\]^`{|}\\]/g, '_').split('/').filter((part) => part !== '' && part !== '.').map((part) => (part === '..' ? '_' : part)).join('/') || '_';
    const parts = /** @type {Record<string, string>} */ ({ name: clean, format, ext: 'js', extname: '.js' });
    const fileName = pattern.replace(/\[(name|format|ext|extname)\]/g, (_, part) => parts[part]);
    return this.#named(fileName, /\[hash(?::(\d+))?\]/g, ([, length]) => Math.max(6, Number(length ?? HASH_LENGTH)));
  }

  /**
   * Names of files, by the placeholders in a text.
   * @param {string} text
   * @returns {string[]}
   */
  mentioned(text) {
    if (this.#any === undefined) return [];
    return [...new Set(text.match(this.#any) ?? [])].flatMap((word) => this.#owners.get(word) ?? []);
  }

  /**
   * Final names and texts: a name changes exactly when the file does, or one that it leads to. Cost: a search of each text.
   * @param {Map<string, { text: string, extra: string }>} files by name
   * @returns {(text: string) => string} puts the hashes into a text
   */
  settle(files) {
    const any = this.#any;
    if (any === undefined) return (text) => text;
    const put = (/** @type {string} */ text, /** @type {(owner: string, word: string) => string} */ by) => text.replace(any, (word) => (this.#owners.has(word) ? by(/** @type {string} */ (this.#owners.get(word)), word) : word));
    const mentions = new Map([...files].map(([name, { text }]) => [name, this.mentioned(text)]));
    const texts = new Map([...files].map(([name, { text, extra }]) => [name, hashOf(put(text, () => ''), extra)]));
    // Two mentions that change places are another text.
    const own = new Map([...files].map(([name, { text }]) => [name, hashOf(texts.get(name) ?? '', put(text, (owner) => texts.get(owner) ?? ''))]));
    const reached = digestsOfReached(mentions, own);
    /** Placeholder -> hash. @type {Map<string, string>} */
    const final = new Map();
    const taken = new Set();
    for (const name of new Set(this.#owners.values())) {
      const words = name.match(any)?.filter((word) => this.#owners.get(word) === name) ?? [];
      let digest = hashOf(own.get(name) ?? '', reached.get(name) ?? '');
      const named = () => put(name, (_, word) => digest.repeat(2).slice(0, word.length)).toLowerCase();
      // Files of one name may hold the same and yet be two.
      while (taken.has(named())) digest = hashOf(digest, 'again');
      taken.add(named());
      for (const word of words) final.set(word, digest.repeat(2).slice(0, word.length));
    }
    return (text) => put(text, (_, word) => final.get(word) ?? word);
  }

  /**
   * A free name, with placeholders.
   * @param {string} wanted
   * @param {RegExp} hashes what stands for a hash in it
   * @param {(match: string[]) => number} lengthOf
   */
  #named(wanted, hashes, lengthOf) {
    /** @type {string[]} */
    const words = [];
    const fileName = wanted.replace(hashes, (...match) => {
      const word = this.#word(lengthOf(match));
      words.push(word);
      return word;
    });
    let free = fileName;
    for (let number = 2; this.#taken.has(free.toLowerCase()); number++) free = fileName.replace(/(\.[^./]*)?$/, `${number}$1`);
    this.#taken.add(free.toLowerCase());
    for (const word of words) this.#owners.set(word, free);
    return free;
  }

  /** @param {number} length */
  #word(length) {
    const of = this.#lengths.get(length) ?? { prefix: this.#prefix(), count: 0 };
    let number = '';
    for (let rest = of.count; number.length < length - of.prefix.length; rest = Math.floor(rest / DIGITS.length)) number = DIGITS[rest % DIGITS.length] + number;
    if (of.count >= DIGITS.length ** (length - of.prefix.length)) throw new Error(`there are more files than hashes of ${length} characters: make them longer`);
    this.#lengths.set(length, { ...of, count: of.count + 1 });
    if (of.count === 0) this.#any = new RegExp([...this.#lengths].map(([chars, { prefix }]) => `${prefix}[0-9a-zA-Z]{${chars - prefix.length}}`).join('|'), 'g');
    return of.prefix + number;
  }

  #prefix() {
    const { done, value } = this.#free.next();
    if (done) throw new Error('there is nothing that could stand for hashes in names of files: modules have it all');
    return value;
  }
}

/** @param {string[]} texts */
function hashOf(...texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('base64url');
}

/**
 * A digest of all that can be reached from each file: files that lead to each other share it, so each is looked at once (Tarjan).
 * @param {Map<string, string[]>} edges
 * @param {Map<string, string>} own digests
 * @returns {Map<string, string>}
 */
function digestsOfReached(edges, own) {
  /** @type {Map<string, string>} */
  const digests = new Map();
  /** @type {Map<string, { number: number, low: number }>} */
  const seen = new Map();
  /** @type {string[]} */
  const open = [];
  for (const root of edges.keys()) {
    if (seen.has(root)) continue;
    /** @type {{ name: string, next: number }[]} */
    const way = [];
    const enter = (/** @type {string} */ name) => {
      seen.set(name, { number: seen.size, low: seen.size });
      open.push(name);
      way.push({ name, next: 0 });
    };
    enter(root);
    while (way.length > 0) {
      const top = way[way.length - 1];
      const state = /** @type {{ number: number, low: number }} */ (seen.get(top.name));
      const target = edges.get(top.name)?.[top.next++];
      if (target !== undefined) {
        const there = seen.get(target);
        if (!there && edges.has(target)) enter(target);
        else if (there && !digests.has(target)) state.low = Math.min(state.low, there.number);
        continue;
      }
      way.pop();
      const from = way.length > 0 ? seen.get(way[way.length - 1].name) : undefined;
      if (from) from.low = Math.min(from.low, state.low);
      if (state.low !== state.number) continue;
      const group = open.splice(open.lastIndexOf(top.name));
      const inside = new Set(group);
      const beyond = new Set(group.flatMap((name) => edges.get(name) ?? []).filter((name) => !inside.has(name)).map((name) => digests.get(name) ?? ''));
      const digest = hashOf([...group.map((name) => own.get(name) ?? '')].sort().join(), [...beyond].sort().join());
      for (const name of group) digests.set(name, digest);
    }
  }
  return digests;
}
