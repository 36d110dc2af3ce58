/** `cloudpack build`: configuration and flags make options; the result becomes a table, JSON, or errors. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import pc from 'picocolors';
import { build } from '../index.js';
import { UsageError } from './arguments.js';
import { loadConfig } from './config.js';
import { startProgress } from './progress.js';
import { describeOutput, summaryTable, timingsTable } from './report.js';

/** @typedef {import('../types/index.d.ts').BuildOptions} BuildOptions */
/** @typedef {import('../types/index.d.ts').OutputOptions} OutputOptions */

/**
 * @param {import('./arguments.js').Flags} flags
 * @returns {Promise<number>} exit code
 */
export async function runBuildCommand(flags) {
  const started = performance.now();
  const progress = startProgress(!flags.json && !isQuiet(flags.logLevel));
  try {
    const { config, file } = await loadConfig(flags.config, flags.mode ?? 'production');
    const configured = performance.now();
    const options = withFlags(config, flags);
    if (options.input === undefined && existsSync(path.resolve(options.cwd ?? '.', 'index.html'))) options.input = 'index.html';
    const result = await build({ ...options, plugins: [options.plugins, progress.plugin] });
    progress.stop();
    const outputs = await describeOutput(result, options);
    const times = { configuration: file ? configured - started : undefined, total: performance.now() - started };
    if (flags.json) {
      console.log(JSON.stringify({ outputs, stats: result.stats, warnings: result.warnings, watchFiles: result.watchFiles }, null, 2));
    } else if (!isQuiet(options.logLevel)) {
      console.log(summaryTable(outputs, result.stats, times));
      if (flags.timings) console.log(`\n${timingsTable(result.stats, times)}`);
    }
    return 0;
  } catch (error) {
    progress.stop();
    await printFailure(error, flags);
    return 1;
  }
}

/** @param {string | undefined} logLevel */
function isQuiet(logLevel) {
  return logLevel === 'silent' || logLevel === 'warn';
}

/**
 * Flags win over the configuration; those of an output apply to every output.
 * @param {BuildOptions} config
 * @param {import('./arguments.js').Flags} flags
 * @returns {BuildOptions}
 */
function withFlags(config, flags) {
  const output = /** @type {OutputOptions} */ (present({
    dir: flags.outdir, format: flags.format, minify: flags.minify, sourcemap: flags.sourcemap,
  }));
  const apply = (/** @type {OutputOptions} */ one) => (output.dir === undefined ? { ...one, ...output } : { ...one, file: undefined, ...output });
  return {
    ...config,
    ...present({
      input: flags.entries.length > 0 ? flags.entries : undefined,
      platform: flags.platform, mode: flags.mode, base: flags.base, treeshake: flags.treeshake, write: flags.write,
      logLevel: flags.logLevel ?? (flags.json ? 'silent' : undefined),
    }),
    ...(flags.external.length > 0 ? { external: [...[config.external ?? []].flat(), ...flags.external] } : {}),
    ...(flags.define.length > 0 ? { define: { ...config.define, ...Object.fromEntries(flags.define) } } : {}),
    ...(flags.target === undefined ? {} : { transform: { ...config.transform, target: flags.target } }),
    output: Array.isArray(config.output) ? config.output.map(apply) : apply(config.output ?? {}),
  };
}

/** @param {Record<string, unknown>} object */
function present(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/**
 * @param {any} error
 * @param {import('./arguments.js').Flags} flags
 */
async function printFailure(error, flags) {
  if (!Array.isArray(error?.errors)) {
    // Where in the command line's own code it was noticed helps nobody.
    console.error(pc.red(error instanceof UsageError ? error.message : error?.stack ?? String(error)));
    return;
  }
  if (flags.json) console.log(JSON.stringify({ errors: error.errors }, null, 2));
  const { renderDiagnostics } = await import('../diagnostics.js');
  const color = pc.isColorSupported && Boolean(process.stderr.isTTY || process.env.FORCE_COLOR);
  const count = error.errors.length;
  console.error(`${renderDiagnostics(error.errors, color)}\nBuild failed with ${count} error${count === 1 ? '' : 's'}; nothing was written.`);
}
