// The command line of `npm run bench`.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { reportFolder, root } from './places.mjs';

export const EDITS = ['body-leaf', 'body-hub', 'comment', 'new-import', 'new-export', 'new-file', 'delete', 'rename', 'many', 'dependency'];

/** Cloudpack first, then in the order of their names. */
export function allTools() {
  const names = readdirSync(join(root, 'benches', 'tools')).filter((file) => file.endsWith('.mjs')).map((file) => file.slice(0, -4));
  return names.sort((left, right) => Number(right === 'cloudpack') - Number(left === 'cloudpack') || left.localeCompare(right));
}

/** @param {string[]} words */
export function readOptions(words) {
  const known = ['modules', 'tools', 'runs', 'edits', 'session-up-to', 'no-minify', 'no-build', 'note', 'phases', 'timeout', 'seed', 'fingerprint', 'average-bytes', 'report'];
  for (const word of words.filter((word) => word.startsWith('--'))) {
    if (!known.includes(word.slice(2))) throw new Error(`There is no option ${word}; there are ${known.map((name) => `--${name}`).join(', ')}`);
  }
  const value = (/** @type {string} */ name, /** @type {string} */ otherwise) => {
    const at = words.indexOf(`--${name}`);
    return at === -1 ? otherwise : (words[at + 1] ?? otherwise);
  };
  const list = (/** @type {string} */ text) => (text === 'none' || text === '' ? [] : text.split(','));
  const edits = value('edits', 'all');
  const tools = value('tools', 'all');
  return {
    modules: list(value('modules', '1000,10000')).map(Number),
    tools: tools === 'all' ? allTools() : list(tools),
    runs: Number(value('runs', '3')),
    edits: edits === 'all' ? EDITS : list(edits),
    sessionUpTo: Number(value('session-up-to', '10000')),
    build: !words.includes('--no-build'),
    note: value('note', ''),
    minify: !words.includes('--no-minify'),
    phases: list(value('phases', '100,500,1000,5000,10000,50000')).map(Number),
    timeout: Number(value('timeout', '300')) * 1000,
    seed: Number(value('seed', '1')),
    fingerprint: value('fingerprint', 'mixed'),
    averageBytes: Number(value('average-bytes', '3300')),
    report: resolve(value('report', reportFolder)),
  };
}
