export * from './BarChart';
export * from './Donut';
export * from './TrendChart';
