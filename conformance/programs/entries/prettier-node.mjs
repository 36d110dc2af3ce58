// The package as Node programs use it, where each language is loaded on demand.
import prettier from 'prettier';

for (const [parser, text] of [['babel-ts', 'let a : number=1'], ['graphql', 'query{a(b:1){c}}'], ['less', '.a{.b();}'], ['glimmer', '{{#if a}}b{{/if}}']]) {
  console.log(await prettier.format(text, { parser }));
}
const { languages } = await prettier.getSupportInfo();
console.log(languages.length, languages.map((one) => one.name).join());
console.log(await prettier.check('a;\n', { parser: 'babel' }), prettier.util.getStringWidth('日本'), prettier.doc.printer.printDocToString(['a', prettier.doc.builders.hardline, 'b'], { printWidth: 80 }).formatted);
