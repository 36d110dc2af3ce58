export * from '../node_modules/immer/src/immer.ts';
