export * from '../node_modules/mobx/src/mobx.ts';
