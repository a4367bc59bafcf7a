import type { Trace } from "./trace.ts";

/**
 * What is kept of a call once the vendor has answered. Where that fails, it is logged and the
 * answer stands: an error in its place would have the caller do it again.
 */
export async function note(trace: Trace, what: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    trace.log.add("ERROR", `${what} could not be noted`, {
      errorName: error instanceof Error ? error.name : "unknown",
    });
  }
}
