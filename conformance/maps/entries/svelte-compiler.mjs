export * from 'svelte/compiler';
