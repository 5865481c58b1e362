/** The tests drive the TypeScript sources; swc strips the types, `npm run types` checks them. */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: {
          target: "es2022",
          parser: { syntax: "typescript", decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
        },
        module: { type: "es6" },
      },
    ],
  },
  globalSetup: "<rootDir>/tests/database-server.ts",
  globalTeardown: "<rootDir>/tests/database-server-stop.ts",
  maxWorkers: 2,
  testTimeout: 30_000,
};
