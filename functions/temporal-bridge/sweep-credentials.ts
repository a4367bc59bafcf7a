import { toAddress } from "../../adapters/dynamodb/credentials/unowned.ts";
import { UNOWNED_PK } from "../../adapters/dynamodb/keys.ts";
import { listMarked } from "../../adapters/dynamodb/pending/marks.ts";
import { removeUnowned } from "../../adapters/secrets/unowned-credentials.ts";
import { inTens } from "../runtime/in-tens.ts";
import type { BridgeDeps } from "./deps.ts";

/**
 * Removes the secrets that no owner points at and whose time is over: those of requests that died
 * on the way, and those that were replaced or dropped. Answers how many.
 */
export async function sweepCredentials(
  deps: Pick<BridgeDeps, "tables" | "credentials" | "now">,
): Promise<number> {
  let removed = 0;
  await inTens(listMarked(deps.tables, UNOWNED_PK, deps.now()), async (item) => {
    await removeUnowned(deps, toAddress(item), deps.now());
    removed++;
  });
  return removed;
}
