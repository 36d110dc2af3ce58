// The two tables of the announcement of the idea: the analysis pipeline (read, summarize, resolve; then the graph), and the
// full pipeline. In process, by `cloudpack-bench phases`, each build with a new session and an empty output directory.
import { loadavg } from 'node:os';
import { appFolder, call, generate } from './apps.mjs';

export function measurePhases(modules, options) {
  generate(modules, options);
  const load = loadavg()[0];
  const report = call(['phases', '--runs', String(options.runs), ...(options.minify ? ['--minify'] : []), appFolder(modules)]);
  return {
    modules,
    load,
    ms: Object.fromEntries(report.phases.map((/** @type {any} */ phase) => [phase.name, phase.ms])),
    total: report.total,
    peak: report.peakMemory,
  };
}
