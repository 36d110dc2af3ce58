// The programs: which platforms each is bundled for, and what is special about it. An entry is `entries/<name>.mjs`.
//
// `platforms`: `node` keeps Node's own modules external; `browser` is for libraries that need nothing of Node to do their work.
// `installed`: the bundle is run beside the packages, because the program asks for files of theirs by computed paths, which every
// bundler leaves alone; all others run where no package can be found.
// Libraries whose browser builds need a document (MUI, antd) are for `node` here.

const both = ['node', 'browser'];
const node = ['node'];

export const programs = {
  ajv: { platforms: both },
  antd: { platforms: node },
  axios: { platforms: node },
  babel: { platforms: node },
  chartjs: { platforms: both },
  codemirror: { platforms: both },
  commander: { platforms: node },
  d3: { platforms: both },
  'date-fns': { platforms: both },
  eslint: { platforms: node },
  express: { platforms: node },
  graphql: { platforms: both },
  handlebars: { platforms: both },
  jsdom: { platforms: node },
  'lodash-es': { platforms: both },
  mui: { platforms: node },
  postcss: { platforms: node },
  preact: { platforms: both },
  prettier: { platforms: both },
  'prettier-node': { platforms: node },
  'react-dom-server': { platforms: node },
  rollup: { platforms: node, installed: true },
  rxjs: { platforms: both },
  svelte: { platforms: node },
  'svelte-compiler': { platforms: both },
  terser: { platforms: node },
  three: { platforms: both },
  typescript: { platforms: node },
  vue: { platforms: node },
  webpack: { platforms: node, installed: true },
  yjs: { platforms: both },
  zod: { platforms: both },
};
