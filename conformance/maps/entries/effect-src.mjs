export * from '../node_modules/effect/src/index.ts';
