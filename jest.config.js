/**
 * The tests run as they were compiled, in plain Node and without a world of their own for each file: a process reads the product once
 * and then runs file after file. `npm test` compiles first.
 */
export default {
  roots: ["<rootDir>/dist/tests"],
  runner: "jest-light-runner/child-process",
  transform: {},
  globalSetup: "<rootDir>/dist/tests/database-server.js",
  globalTeardown: "<rootDir>/dist/tests/database-server-stop.js",
  setupFilesAfterEnv: ["<rootDir>/dist/tests/patience.js"],
  testSequencer: "<rootDir>/tests/longest-first.mjs",
  maxWorkers: 2,
};
