// The suites, in the order in which all of them run.
import { esmCjsTests } from './bundler-esm-cjs-tests.js';
import { esbuild } from './esbuild.js';
import { rolldown } from './rolldown.js';
import { rollup } from './rollup.js';
import { test262 } from './test262.js';
import { tlaFuzzer } from './tla-fuzzer.js';
import { webpack } from './webpack.js';

export const suites = new Map([tlaFuzzer, esmCjsTests, test262, esbuild, rolldown, rollup, webpack].map((suite) => [suite.name, suite]));
