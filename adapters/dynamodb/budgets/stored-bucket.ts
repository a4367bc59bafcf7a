/** The bucket of `hot` that both languages spend of (`inlet_worker/host/table_bucket.py`). */
import { BudgetBucket } from "../../../schemas/budget.ts";
import type { Key } from "../keys.ts";
import type { SharedValue } from "../table/change-shared.ts";

/** As long as the longest window that is counted. */
const KEPT_MS = 2 * 86_400_000;

export const storedBucket = (key: Key): SharedValue<BudgetBucket> => ({
  key,
  attribute: "bucket",
  entity: "budget",
  parse: (stored) => BudgetBucket.parse(stored),
  keptUntil: ({ at }) => at + KEPT_MS,
});
