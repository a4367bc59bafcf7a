import { WATCHED_PK } from "../../adapters/dynamodb/keys.ts";
import { listMarked } from "../../adapters/dynamodb/pending/marks.ts";
import type { BrokerDeps } from "../../integrations/credentials/deps.ts";
import {
  type Looked,
  type Watched,
  watchCredential,
} from "../../integrations/credentials/watch-credential.ts";
import { inTens } from "../runtime/in-tens.ts";

export interface SweepDeps extends BrokerDeps {
  /** One could not be looked at. The others are. */
  readonly tellFailed: (watched: Watched, error: unknown) => void;
}

export type Swept = Readonly<Partial<Record<Looked | "FAILED", number>>>;

/** Looks at the credentials that are due: what it costs grows with these, not with all. */
export async function sweep(deps: SweepDeps): Promise<Swept> {
  const swept: Partial<Record<Looked | "FAILED", number>> = {};
  await inTens(listMarked(deps.tables, WATCHED_PK, deps.now()), async (item) => {
    const watched = { tenantId: String(item.tenantId), ownerId: String(item.ownerId) };
    const looked = await lookAt(deps, watched);
    swept[looked] = (swept[looked] ?? 0) + 1;
  });
  return swept;
}

async function lookAt(deps: SweepDeps, watched: Watched): Promise<Looked | "FAILED"> {
  try {
    return await watchCredential(deps, watched);
  } catch (error) {
    deps.tellFailed(watched, error);
    return "FAILED";
  }
}
