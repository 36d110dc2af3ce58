// Templates with helpers, partials, blocks and precompiled output.
import Handlebars from 'handlebars';

Handlebars.registerHelper('loud', (text, { hash }) => new Handlebars.SafeString(`<b>${String(text).toUpperCase()}${hash.end ?? ''}</b>`));
Handlebars.registerPartial('row', '<li>{{@index}} {{this.name}} {{> @partial-block}}</li>');
const template = Handlebars.compile('{{#each list as |one|}}{{#> row one}}{{one.n}}{{/row}}{{else}}none{{/each}}{{loud title end="!"}} {{{raw}}} {{escaped}} {{#if (lookup flags 0)}}yes{{/if}} {{#with a.b}}{{c}}{{../title}}{{/with}}');
console.log(template({ list: [{ name: 'a', n: 1 }, { name: '<b>', n: 2 }], title: 't', raw: '<i>', escaped: '<i>', flags: [true], a: { b: { c: 'C' } } }), template({ list: [] }));
console.log(Handlebars.precompile('{{a}}').length, Handlebars.parse('{{a b=1}}').body[0].hash.pairs.length, Handlebars.VERSION);
try { Handlebars.compile('{{#if}}{{/each}}')({}); } catch (error) { console.log(error.message); }
