import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['__test__/node/**/*.test.js'],
    // What a bundle exports is looked at as Node gives it.
    deps: { interopDefault: false },
    // Builds and processes of the command line, on machines of any speed.
    testTimeout: 60_000,
  },
});
