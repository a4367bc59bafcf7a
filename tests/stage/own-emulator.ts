/** Before each test file: the emulator of the worker that runs it. */
import { useEmulator } from "./use-emulator.ts";

const urls = (process.env.EMULATORS ?? "").split(" ");
const url = urls[Number(process.env.VITEST_POOL_ID) - 1];
if (!url) throw new Error(`Worker ${process.env.VITEST_POOL_ID} has no emulator of its own.`);
useEmulator(url);
