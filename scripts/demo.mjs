// `npm run demo`: sets up what is missing, builds examples/shop with the command line, and says how long everything took.
import { join } from 'node:path';
import { root, run, seconds } from './lib/run.mjs';
import { buildAddon, checkTools, installPackages } from './lib/setup.mjs';

const shop = join(root, 'examples', 'shop');
/** @type {[string, () => Promise<string | void>][]} */
const steps = [
  ['tools', checkTools],
  ['npm packages of Cloudpack', () => installPackages()],
  ['addon, from Rust', buildAddon],
  ['npm packages of the shop', () => installPackages(shop)],
];

const times = [];
try {
  for (const [name, step] of steps) {
    console.log(`\n▸ ${name}`);
    const started = performance.now();
    console.log((await step()) ?? 'fine');
    times.push([name, performance.now() - started]);
  }
} catch (error) {
  console.error(`\n${error.message}`);
  process.exit(1);
}

console.log('\n▸ cloudpack build --timings, in examples/shop\n');
const started = performance.now();
const { code } = await run(process.execPath, [join(root, 'js', 'cli', 'main.js'), 'build', '--timings'], { cwd: shop });
times.push(['the shop, built by Cloudpack (whole process)', performance.now() - started]);

console.log('\nHow long each step took:');
for (const [name, time] of times) console.log(`  ${seconds(time).padStart(9)}  ${name}`);
console.log(
  code === 0
    ? '\nThe shop is in examples/shop/dist. It is a single-page application: serve it with a server that answers every page with index.html.'
    : '\nThe shop could not be built.',
);
process.exitCode = code;
