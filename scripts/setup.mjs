// `npm run setup`: everything that is needed to work on Cloudpack, and nothing twice.
import { checkTools, buildAddon, installPackages } from './lib/setup.mjs';

await checkTools();
console.log(`npm packages: ${await installPackages()}`);
console.log(`addon: ${await buildAddon()}`);
