export * from 'chart.js';
