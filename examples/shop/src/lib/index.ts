export * from './environment';
export * from './locales';
export * from './markdown';
export * from './random';
export * from './scale';
export * from './statistics';
