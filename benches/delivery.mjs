// `npm run bench:delivery`: what a browser fetches for each route of a generated application, for Cloudpack and its peers:
// requests, bytes needed, bytes fetched in vain, bytes fetched twice, gzip. Times are not taken, so it may run on a busy machine.
//
//   npm run bench:delivery -- [--modules 1000,10000] [--tools cloudpack,rolldown,...] [--no-build] [--report FILE]
//
// A route's files are those of the page with the route open: the entry's and the route's. A module is *needed* by a route if
// every tool of the run fetches it for that route: what one of them can do without is not needed. Style sheets are left out.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../scripts/lib/run.mjs';
import { appFolder, generate } from './lib/apps.mjs';
import { filesByRoute, modulesIn, readChunks, routesOf, weigh } from './lib/delivery.mjs';
import { readOptions } from './lib/options.mjs';
import { runOutput } from './lib/output.mjs';
import { installPeers } from './lib/peers.mjs';
import { discard, home, reportFolder } from './lib/places.mjs';
import { runProcess } from './lib/process.mjs';

const words = process.argv.slice(2);
const options = readOptions(words);
const tools = words.includes('--tools') ? options.tools : ['cloudpack', 'rolldown', 'esbuild', 'bun', 'rspack'];
const report = words.includes('--report') ? options.report : join(reportFolder, 'delivery.md');
if (options.build && (await run('cargo', ['build', '--release', '-p', 'cloudpack_bench'])).code !== 0) process.exit(1);
await installPeers();

const parts = [];
for (const modules of options.modules) {
  const { checksum } = generate(modules, options);
  const app = appFolder(modules);
  const routes = routesOf(app);
  const built = [];
  for (const name of tools) {
    const one = await build(name, app, routes, checksum);
    if ('fault' in one) console.log(`${name}: ${one.fault}`);
    else built.push(one);
  }
  parts.push(table(modules, routes, built));
  console.log(parts.at(-1));
}
mkdirSync(dirname(report), { recursive: true });
writeFileSync(report, `${head()}\n\n${parts.join('\n\n')}\n`);
console.log(`Report: ${report}`);
process.exit(0);

async function build(name, app, routes, checksum) {
  const { default: tool } = await import(`./tools/${name}.mjs`);
  const job = { app, out: join(home, 'out', `delivery-${name}`), cache: '', minify: true, sourcemap: true };
  discard(job.out);
  try {
    let said;
    if (tool.command) {
      const { code, output } = await runProcess(tool.command(job), { cwd: app, timeout: options.timeout });
      if (code !== 0) throw new Error(output);
    } else said = tool.buildAndSay ? await tool.buildAndSay(job) : await tool.build(job);
    if (!existsSync(job.out)) throw new Error('wrote nothing');
    const chunks = readChunks(job.out, app);
    return { title: tool.title, version: tool.version(), chunks, ...filesByRoute(chunks, routes, said, app), verdict: await runOutput(job.out, checksum) };
  } catch (error) {
    return { fault: String(/** @type {Error} */ (error).stack ?? error).slice(0, 500) };
  } finally {
    discard(job.out);
  }
}

function table(modules, routes, built) {
  const together = (/** @type {Set<string>} */ left, /** @type {Set<string>} */ right) => new Set([...left, ...right]);
  const needed = routes.map((route) => common(built.map((one) => modulesIn(one.chunks, together(one.main, one.byRoute.get(route))))));
  const neededByMain = common(built.map((one) => modulesIn(one.chunks, one.main)));
  const rows = built.map((one) => {
    const all = routes.map((route, at) => weigh(one.chunks, together(one.main, one.byRoute.get(route)), needed[at]));
    // What the route adds to a page that is there.
    const added = routes.map((route, at) => {
      const own = new Set([...one.byRoute.get(route)].filter((file) => !one.main.has(file)));
      return weigh(one.chunks, own, new Set([...needed[at]].filter((module) => !neededByMain.has(module))));
    });
    const share = (sum) => sum.inVain / Math.max(sum.needed, 1);
    const of = (list, pick) => pair(list.map(pick));
    const total = weigh(one.chunks, new Set(one.chunks.keys()), new Set());
    return [
      `${one.title} ${one.version}`.trim(), `${one.chunks.size}`, of(all, (sum) => sum.requests), kilobytes(of, all, (sum) => sum.needed),
      kilobytes(of, all, (sum) => sum.inVain), of(all, (sum) => 100 * share(sum)) + ' %', of(added, (sum) => 100 * share(sum)) + ' %',
      kilobytes(of, all, (sum) => sum.twice), kilobytes(of, all, (sum) => sum.gzip), kB(total.twice), kB(total.gzip), one.verdict,
    ];
  });
  const names = ['tool', 'files', 'requests', 'needed, kB', 'in vain, kB', 'in vain', 'in vain, of what the route adds', 'twice, kB', 'gzip, kB', 'twice in all, kB', 'gzip in all, kB', 'output'];
  return [
    `## ${modules.toLocaleString('en-US')} modules, ${routes.length} routes`, '',
    `| ${names.join(' | ')} |`, `|${names.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

/** @param {Set<string>[]} sets */
function common(sets) {
  const [first, ...rest] = sets;
  return new Set([...(first ?? [])].filter((module) => rest.every((other) => other.has(module))));
}

/** `most / median` */
function pair(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const show = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(1));
  return `${show(sorted.at(-1) ?? 0)} / ${show(sorted[Math.floor(sorted.length / 2)] ?? 0)}`;
}

function kilobytes(of, list, pick) {
  return of(list, (sum) => Math.round(pick(sum) / 1000));
}

function kB(bytes) {
  return String(Math.round(bytes / 1000));
}

function head() {
  return `# Delivery

What a browser fetches for a route, by \`npm run bench:delivery\`; how it is measured: \`benches/delivery.mjs\`. Numbers are most / median over all
routes, of minified scripts; a page is the entry and one route. Bytes are those that source maps give to a module; "in vain" is what the page fetches and does not need, as a
share of what it needs.`;
}
