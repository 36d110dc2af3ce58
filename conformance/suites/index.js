// The suites, in the order in which all of them run.
import { esmCjsTests } from './bundler-esm-cjs-tests.js';
import { tlaFuzzer } from './tla-fuzzer.js';

export const suites = new Map([tlaFuzzer, esmCjsTests].map((suite) => [suite.name, suite]));
