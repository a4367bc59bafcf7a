import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/.*/**", "python-worker/**", "cdk.out/**", "tests/e2e/**"],
    globalSetup: ["tests/stage/emulator.ts"],
    setupFiles: ["tests/stage/own-emulator.ts"],
    pool: "forks",
    // Left to itself, it leaves one core free: of two, half of the machine. Each has an emulator.
    maxWorkers: 2,
    // A test that wants to see a log line captures it.
    env: { POWERTOOLS_LOG_LEVEL: "SILENT", INLET_METRICS: "off" },
    // The emulator answers in tens of milliseconds on an idle machine, and in seconds on a busy
    // one.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
