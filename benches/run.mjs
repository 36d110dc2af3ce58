// `npm run bench`: Cloudpack against every peer, in one run, on generated applications. Nothing here fails because of a time:
// numbers are printed and written to a report, a person judges. How to read them: docs/benchmarks/README.md.
//
//   npm run bench -- [--modules 1000,10000] [--tools cloudpack,esbuild,...] [--runs 3] [--edits body-leaf,...|all|none]
//                    [--session-up-to 10000] [--no-minify] [--no-build] [--note TEXT] [--phases 100,500,...|none] [--timeout 300] [--seed 1]
//                    [--fingerprint mixed] [--average-bytes 3300] [--report docs/benchmarks]
import { mkdirSync } from 'node:fs';
import { cpus, loadavg, totalmem, type, release } from 'node:os';
import { run } from '../scripts/lib/run.mjs';
import { measureFloors } from './lib/floors.mjs';
import { measureTool, toolFacts } from './lib/measure.mjs';
import { measurePhases } from './lib/phases.mjs';
import { installPeers } from './lib/peers.mjs';
import { home } from './lib/places.mjs';
import { generate } from './lib/apps.mjs';
import { readOptions } from './lib/options.mjs';
import { writeReport } from './lib/report.mjs';

const options = readOptions(process.argv.slice(2));
if (options.build && (await run('cargo', ['build', '--release', '-p', 'cloudpack_bench'])).code !== 0) process.exit(1);
await installPeers();
mkdirSync(home, { recursive: true });

const results = {
  date: new Date().toISOString(),
  machine: { processor: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, memory: totalmem(), system: `${type()} ${release()}`, node: process.version },
  options,
  load: { before: loadavg()[0], after: 0 },
  tools: {},
  applications: [],
  phases: [],
};
for (const name of options.tools) results.tools[name] = await toolFacts(name);

for (const modules of options.phases) {
  results.phases.push(measurePhases(modules, options));
  console.log(`  phases at ${modules}: ${Object.entries(results.phases.at(-1).ms).map(([name, ms]) => `${name} ${ms.median.toFixed(0)}`).join(', ')} ms`);
}

for (const modules of options.modules) {
  const application = { modules, ...generate(modules, options), floors: null, tools: {} };
  results.applications.push(application);
  application.floors = await measureFloors(modules, options);
  console.log(`\n${modules} modules, ${(application.bytes / 1e6).toFixed(1)} MB, load ${loadavg()[0].toFixed(1)}`);
  for (const name of options.tools) {
    const facts = results.tools[name];
    if (facts.fault) {
      console.log(`  ${name}: ${facts.fault.split('\n')[0]}`);
      continue;
    }
    const load = loadavg()[0];
    application.tools[name] = { load, ...(await measureTool(name, facts, modules, options)) };
    console.log(`  ${line(facts.title, application.tools[name])}`);
    save();
  }
}
save();
console.log(`\nReport: ${options.report}`);

function save() {
  results.load.after = loadavg()[0];
  writeReport(results, options.report);
}

function line(title, { cold, noOp, edits, session, output, verdict, fault }) {
  const ms = (series) => (series?.median == null ? '-' : `${series.median.toFixed(0)} ms`);
  if (fault) return `${title}: ${fault.split('\n')[0]}`;
  const warm = Object.entries(edits ?? {}).map(([kind, edit]) => `${kind} ${ms(edit)}`).join(', ');
  const inSession = Object.entries(session?.edits ?? {}).map(([kind, edit]) => `${kind} ${ms(edit)}`).join(', ');
  return `${title}: cold ${ms(cold)}, no-op ${ms(noOp)}${warm ? `, warm: ${warm}` : ''}${inSession ? `, session: ${inSession}` : ''}; ${output?.files} files, ${((output?.gzip ?? 0) / 1000).toFixed(0)} kB gzip, output: ${verdict}`;
}
