export * from './cart';
export * from './orders';
export * from './settings';
export * from './toasts';
