// Lints and repairs a text with the rules that come with it.
import { Linter } from 'eslint';
import { builtinRules } from 'eslint/use-at-your-own-risk';

const linter = new Linter();
const text = `var a = 1; if (a == null) { debugger }\nfunction f(x, unused) { return x === NaN ? eval('1') : f(x) ; }\nconst o = { b: 1, b: 2 }; for (;;) { break } export default class { constructor() { this.a } }`;
const config = [{ rules: { 'no-var': 2, eqeqeq: 1, 'no-debugger': 2, 'no-unused-vars': 2, 'use-isnan': 2, 'no-eval': 2, 'no-dupe-keys': 2, 'prefer-const': 2, 'no-unused-expressions': 1, 'object-shorthand': 1, 'arrow-body-style': 1 }, languageOptions: { globals: { console: 'readonly' } } }];
for (const one of linter.verify(text, config)) console.log(one.line, one.column, one.ruleId, one.message);
console.log(linter.verifyAndFix(text, config).output, builtinRules.size);
const all = Object.fromEntries([...builtinRules].filter(([, rule]) => !rule.meta.deprecated).map(([name]) => [name, 1]));
console.log(linter.verify(text, [{ rules: all }]).map((one) => `${one.ruleId}:${one.line}`).join(' '));
console.log(linter.verify('let a = ;', config));
