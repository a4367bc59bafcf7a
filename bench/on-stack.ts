/** Figures that need a running stack: starts one, and stops it. */
import { startStackUnderTest } from "../tests/stage/stack/stack-under-test.ts";
import type { Listing } from "./unit-listing.ts";

export async function benchOnStack(): Promise<Listing> {
  const stop = await startStackUnderTest("bench");
  try {
    // What reads the stack's state finds it by the environment, which is set only now.
    const { benchUnitListing } = await import("./unit-listing.ts");
    return await benchUnitListing();
  } finally {
    await stop();
  }
}
