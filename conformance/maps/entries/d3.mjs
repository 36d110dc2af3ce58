export * from 'd3';
