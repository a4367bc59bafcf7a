import { setTimeout as pause } from "node:timers/promises";

const POLL_MILLIS = 250;

/**
 * Asks until there is an answer that is not undefined or false, and returns it. What a question
 * throws counts as no answer, and the last error is told when `seconds` are over.
 */
export async function until<T>(
  what: string,
  seconds: number,
  question: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let cause: unknown;
  while (Date.now() < end) {
    try {
      const answer = await question();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      cause = error;
    }
    await pause(POLL_MILLIS);
  }
  throw new Error(`Waited ${seconds} s for ${what}.`, { cause });
}
