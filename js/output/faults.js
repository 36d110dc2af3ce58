/** Faults that a bundle of the core came with are thrown: then it has no files. */
import { BuildError, coreFieldsOf } from '../diagnostics.js';

/** @param {import('./bundle.js').CoreBundle} bundle */
export function throwFaults(bundle) {
  const diagnostics = JSON.parse(bundle.diagnostics());
  if (diagnostics.length > 0) throw new BuildError(diagnostics.map(coreFieldsOf));
}
