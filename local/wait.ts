import { setTimeout as pause } from "node:timers/promises";
import { paths } from "./paths.ts";

/**
 * Asks every 200 ms until `ready` holds; an error counts as not yet. Throws, naming the logs, after
 * `seconds`.
 */
export async function waitUntil(
  what: string,
  seconds: number,
  ready: () => Promise<boolean>,
): Promise<void> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const is = await ready().catch(() => false);
    if (is) return;
    if (Date.now() > until)
      throw new Error(`Waited ${seconds} s for ${what}. Look at the logs in ${paths.logs}.`);
    await pause(200);
  }
}
