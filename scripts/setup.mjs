// `npm run setup`: everything that is needed to work on Cloudpack, and nothing twice; with `-- rolldown` the addon of that engine too.
import { checkTools, buildAddon, buildRolldown, installPackages } from './lib/setup.mjs';

await checkTools();
console.log(`npm packages: ${await installPackages()}`);
console.log(`addon: ${await buildAddon()}`);
if (process.argv.includes('rolldown')) console.log(`addon of Rolldown: ${await buildRolldown()}`);
