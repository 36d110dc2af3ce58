/** `cloudpack build`: configuration and flags make options; the result becomes a table, JSON, or errors. */
import pc from 'picocolors';
import { build } from '../index.js';
import { UsageError } from './arguments.js';
import { isQuiet, settleOptions } from './settle.js';
import { startProgress } from './progress.js';
import { ciText, describeOutput, summaryTable, timingsTable } from './report.js';

/**
 * @param {import('./arguments.js').Flags} flags
 * @returns {Promise<number>} exit code
 */
export async function runBuildCommand(flags) {
  const started = performance.now();
  const progress = startProgress(!flags.json && !isQuiet(flags.logLevel));
  try {
    const { options, file } = await settleOptions(flags);
    const configured = performance.now();
    const result = await build({ ...options, plugins: [options.plugins, progress.plugin] });
    progress.stop();
    const outputs = await describeOutput(result, options);
    const times = { configuration: file ? configured - started : undefined, total: performance.now() - started };
    if (flags.json) {
      console.log(JSON.stringify({ outputs, stats: result.stats, ci: result.ci, warnings: result.warnings, watchFiles: result.watchFiles }, null, 2));
    } else if (!isQuiet(options.logLevel)) {
      console.log(summaryTable(outputs, result.stats, times));
      if (result.ci) console.log(`\n${ciText(result.ci)}`);
      if (flags.timings) console.log(`\n${timingsTable(result.stats, times)}`);
    }
    return 0;
  } catch (error) {
    progress.stop();
    await printFailure(error, flags);
    return 1;
  }
}

/**
 * @param {any} error
 * @param {import('./arguments.js').Flags} flags
 * @param {string} [consequence] of a failed build
 */
export async function printFailure(error, flags, consequence) {
  if (!Array.isArray(error?.errors)) {
    // Where in the command line's own code it was noticed helps nobody.
    console.error(pc.red(error instanceof UsageError ? error.message : error?.stack ?? String(error)));
    return;
  }
  if (flags.json) console.log(JSON.stringify({ errors: error.errors }, null, 2));
  const { renderDiagnostics } = await import('../diagnostics.js');
  const color = pc.isColorSupported && Boolean(process.stderr.isTTY || process.env.FORCE_COLOR);
  const count = error.errors.length;
  const ending = consequence ?? `\nBuild failed with ${count} error${count === 1 ? '' : 's'}; nothing was written.`;
  console.error(`${renderDiagnostics(error.errors, color)}${ending}`);
}
