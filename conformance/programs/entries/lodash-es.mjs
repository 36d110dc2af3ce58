// A few functions that reach far into the library, and the default export with its chains.
import _, { chunk, cloneDeep, debounce, get, groupBy, isEqual, mergeWith, sortBy, template, throttle, zipObjectDeep } from 'lodash-es';

const people = [{ name: 'Ada', born: 1815, tags: new Set(['a']) }, { name: 'Alan', born: 1912 }, { name: 'Grace', born: 1906 }];
console.log(groupBy(people, ({ born }) => (born > 1900 ? 'new' : 'old')), sortBy(people, ['born']), chunk([1, 2, 3, 4, 5], 2));
const copy = cloneDeep(people);
console.log(isEqual(copy, people), copy[0].tags !== people[0].tags, get({ a: [{ b: 3 }] }, 'a[0].b'), zipObjectDeep(['a.b[0].c'], [1]).a.b);
console.log(mergeWith({ a: [1] }, { a: [2] }, (left, right) => (Array.isArray(left) ? left.concat(right) : undefined)));
console.log(template('<% for (const x of list) { %>[<%- x %>]<% } %>')({ list: ['<a>', 'b'] }));
console.log(_.chain([3, 1, 2]).map((x) => x * 2).sort().reverse().take(2).value(), _(people).map('name').join(' '), _.VERSION);
console.log(_.range(4).map(_.partialRight(Math.pow, 2)), _.curry((a, b, c) => a + b + c)(1)(2)(3), _.words('fooBarBaz'), _.deburr('déjà vu'));
let calls = 0;
const late = debounce(() => (calls += 1), 5);
late(); late();
throttle(() => (calls += 10), 5)();
setTimeout(() => console.log(calls), 40);
