export * from '../node_modules/@reduxjs/toolkit/src/index.ts';
