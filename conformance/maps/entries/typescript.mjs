export * from 'typescript';
