export * from './GlazeSwatch';
export * from './OrderSummary';
export * from './Price';
export * from './ProductCard';
export * from './ProductGrid';
