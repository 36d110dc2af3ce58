// Compiles validators to code at run time; the package asks for its own files by name.
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';

for (const Kind of [Ajv, Ajv2020]) {
  const ajv = new (Kind.default ?? Kind)({ allErrors: true, strict: false });
  ajv.addKeyword({ keyword: 'even', type: 'number', validate: (on, n) => !on || n % 2 === 0 });
  const validate = ajv.compile({ $id: 'x', type: 'object', required: ['a'], properties: { a: { $ref: '#/$defs/n' }, b: { type: 'array', items: { enum: [1, 'x'] }, uniqueItems: true }, c: { oneOf: [{ type: 'string', pattern: '^é+$' }, { const: null }] } }, additionalProperties: false, $defs: { n: { type: 'integer', even: true, minimum: 2 } } });
  console.log(validate({ a: 4, b: [1, 'x'], c: 'éé' }), validate({ a: 3, b: [1, 1, 2], c: 1, d: 0 }), ajv.errorsText(validate.errors));
}
