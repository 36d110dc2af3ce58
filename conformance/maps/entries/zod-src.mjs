export * from '../node_modules/zod/src/index.ts';
