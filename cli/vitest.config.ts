import { defineConfig } from "vitest/config";

/** `npm test -w cli`: these tests need no emulator. The root's `npm test` runs them too. */
export default defineConfig({ test: { root: import.meta.dirname, pool: "forks" } });
