export * from 'codemirror';
