export * from '../node_modules/rxjs/src/index.ts';
