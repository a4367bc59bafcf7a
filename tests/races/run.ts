/**
 * `npm run test:races [-- --rounds N]`: fifty callers in three processes, of both languages, ask
 * for a token that is over. Each round may cost one refresh, and no spent token may be sent. Prints
 * what came of it, and ends with 1 when anything else did.
 */
import { parseArgs } from "node:util";
import { startEmulator } from "../stage/emulator.ts";
import { useEmulator } from "../stage/use-emulator.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "200" } } });
const rounds = Number(values.rounds);
const { url, stop } = await startEmulator();
useEmulator(url);
// Clients read the environment when they are opened.
const { race } = await import("./rounds.ts");
const started = Date.now();
try {
  const result = await race(rounds);
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(JSON.stringify({ ...result, seconds }, null, 2));
  const { refreshes, reused, faults, split } = result;
  const good = refreshes === rounds && reused === 0 && faults.length === 0 && split === 0;
  process.exitCode = good ? 0 : 1;
} finally {
  await stop();
}
