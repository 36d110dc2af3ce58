import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['__test__/{node,hosts,engines}/*.test.js'],
    // Builds and processes of the command line, on machines of any speed.
    testTimeout: 60_000,
  },
});
