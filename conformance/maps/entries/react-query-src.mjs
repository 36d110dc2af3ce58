export * from '../node_modules/@tanstack/react-query/src/index.ts';
