// Schema, validation, execution, printing. Two copies of the package in one bundle would be refused by it.
import { buildSchema, execute, GraphQLError, GraphQLInt, GraphQLList, GraphQLObjectType, GraphQLSchema, GraphQLString, graphql, introspectionFromSchema, isObjectType, lexicographicSortSchema, parse, printSchema, subscribe, validate, visit } from 'graphql';

const Item = new GraphQLObjectType({ name: 'Item', fields: () => ({ id: { type: GraphQLInt }, name: { type: GraphQLString, resolve: (item) => item.name.toUpperCase() }, peers: { type: new GraphQLList(Item), resolve: () => [{ id: 2, name: 'b' }] } }) });
const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { item: { type: Item, args: { id: { type: GraphQLInt } }, resolve: (_, { id }) => { if (id > 9) throw new GraphQLError('none', { extensions: { code: 'X' } }); return { id, name: 'a' }; } } } }) });
console.log(JSON.stringify(await graphql({ schema, source: 'query ($n: Int = 1) { item(id: $n) { ...f peers { id ...f } } bad: item(id: 10) { id } } fragment f on Item { name }' })));
console.log(validate(schema, parse('{ item(id: "x") { nam } other }')).map((error) => error.toString()), isObjectType(Item), printSchema(schema));
console.log(printSchema(lexicographicSortSchema(buildSchema('interface B { x: Int! } type A implements B @key { x: Int! y(z: [E] = [P]): String @deprecated } enum E { Q P } directive @key on OBJECT type Query { a: A }'))));
const names = [];
visit(parse('{ a { b(c: $d) } }'), { Field: { enter: (node) => void names.push(node.name.value), leave: () => void names.push('/') } });
console.log(names, JSON.stringify(introspectionFromSchema(schema)).length);
const live = await subscribe({ schema: buildSchema('type Query { a: Int } type Subscription { n: Int }'), document: parse('subscription { n }'), rootValue: { async *n() { yield { n: 1 }; yield { n: 2 }; } } });
for await (const one of live) console.log(JSON.stringify(one));
try { parse('{ a( }'); } catch (error) { console.log(error.toString()); }
console.log(typeof execute);
