// The packages: what each is there for. An entry is `entries/<name>.mjs`; those that end in `-src` are compiled from the TypeScript
// that the package ships.

export const packages = {
  'chart.js': { about: 'ES modules, classes with private fields' },
  codemirror: { about: 'ES modules, generated tables' },
  d3: { about: 'ES modules, small ones that use each other' },
  'date-fns': { about: 'ES modules, one function each' },
  'effect-src': { about: 'TypeScript: namespaces, generators' },
  express: { about: 'CommonJS, many packages', platform: 'node' },
  graphql: { about: 'ES modules' },
  'immer-src': { about: 'TypeScript' },
  'lodash-es': { about: 'ES modules, hundreds of them' },
  'mobx-src': { about: 'TypeScript: enums, cycles' },
  mui: { about: 'ES modules, components' },
  preact: { about: 'minified ES modules' },
  'react-dom': { about: 'CommonJS, large' },
  'react-query-src': { about: 'TypeScript with JSX' },
  'redux-toolkit-src': { about: 'TypeScript, over other packages' },
  'rxjs-src': { about: 'TypeScript: enums, parameter properties' },
  'svelte-compiler': { about: 'ES modules, large' },
  three: { about: 'ES modules, classes, large' },
  typescript: { about: 'CommonJS, nine megabytes in one file', platform: 'node' },
  vue: { about: 'ES modules, several packages' },
  'zod-src': { about: 'TypeScript, namespaces of modules' },
};
