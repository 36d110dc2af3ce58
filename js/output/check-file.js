/** What a `generateBundle` hook left in the bundle: whoever writes it later would not know whose fault it is. */
import path from 'node:path';
import { attribute } from '../plugins/run-hooks.js';

/**
 * @param {any} file
 * @param {string} name under which it lies in the bundle
 * @param {import('../plugins/hooks.js').Hook} hook that ran last
 */
export function checkFile(file, name, hook) {
  const why = faultOf(file);
  if (why === undefined) return;
  const code = why === OUTSIDE ? 'FILE_NAME_OUTSIDE_OUTPUT_DIRECTORY' : 'INVALID_BUNDLE_FILE';
  const called = why === OUTSIDE && file.fileName !== name ? `"${name}" as "${file.fileName}"` : `"${name}"`;
  throw attribute(Object.assign(new Error(`The bundle holds ${called}, ${why}`), { code }), hook, {});
}

const OUTSIDE = 'which lies outside of the output directory';

/** @param {any} file @returns {string | undefined} */
function faultOf(file) {
  if (typeof file !== 'object' || file === null) return `which is a ${file === null ? 'null' : typeof file} and no file`;
  if (file.type !== 'asset' && file.type !== 'chunk') return 'whose type is neither "asset" nor "chunk"';
  const { fileName } = file;
  if (typeof fileName !== 'string' || fileName === '') return 'which has no "fileName"';
  // `..name.js` is a name like any other.
  if (path.isAbsolute(fileName) || /^\.\.?(?:$|\/)/.test(path.posix.normalize(fileName))) return OUTSIDE;
  // What nobody has looked at is not looked at here either.
  const given = Object.getOwnPropertyDescriptor(file, file.type === 'asset' ? 'source' : 'code');
  if (given?.get) return undefined;
  const isText = typeof given?.value === 'string';
  if (file.type === 'chunk') return isText ? undefined : 'a chunk whose "code" is no string';
  return isText || given?.value instanceof Uint8Array ? undefined : 'an asset whose "source" is neither a string nor bytes';
}
