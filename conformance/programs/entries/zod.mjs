// Schemas that accept, refuse and transform; JSON schema and locales.
import * as z from 'zod';
import * as mini from 'zod/mini';
import { de } from 'zod/locales';

const User = z.object({
  id: z.uuid(), mail: z.email().optional(), age: z.coerce.number().int().min(18), tags: z.array(z.string().trim().toLowerCase()).default(['none']),
  kind: z.discriminatedUnion('type', [z.object({ type: z.literal('a'), n: z.bigint() }), z.object({ type: z.literal('b'), when: z.date() })]),
  map: z.record(z.string(), z.tuple([z.number(), z.boolean()]).rest(z.null())).refine((map) => Object.keys(map).length < 3, 'too many'),
}).strict();
console.log(User.parse({ id: '123e4567-e89b-42d3-a456-426614174000', age: '44', kind: { type: 'a', n: 1n }, map: { x: [1, true, null] } }));
const bad = User.safeParse({ id: 'x', mail: 'y', age: 3, kind: { type: 'c' }, map: { x: [1], y: 2 }, extra: 1 });
console.log(z.prettifyError(bad.error), JSON.stringify(z.treeifyError(bad.error)));
console.log(JSON.stringify(z.toJSONSchema(z.object({ a: z.string().meta({ title: 'A' }), get self() { return z.array(z.number()); } }))));
z.config(de());
console.log(z.string().safeParse(1).error.issues[0].message, mini.parse(mini.pipe(mini.string(), mini.transform((s) => s.length)), 'four'));
console.log(await z.string().transform(async (s) => s + '!').parseAsync('hi'), z.templateLiteral(['v', z.number()]).safeParse('v3').success, Object.keys(z).length > 200);
