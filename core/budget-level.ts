/** What a shared budget shows now: the law's reading of it (`budget/bucket.ts`). */
import type { Budget, BudgetBucket } from "../schemas/budget.ts";
import { FULL_PACE, fullBucket, MICRO, refilled, usedSince } from "./budget/bucket.ts";
import { type Limits, pointsLimits, reserved } from "./budget/limits.ts";

export interface Levels {
  readonly limits: Budget["limits"];
  readonly bucket: BudgetBucket | undefined;
  /** What the vendor counts of the app, where it does. */
  readonly app?: {
    readonly pointsPerHour: AppBudget["pointsPerHour"];
    readonly bucket: BudgetBucket | undefined;
  };
}
type AppBudget = NonNullable<Budget["app"]>;

export function budgetLevel(
  endpointId: string,
  { limits, bucket, app }: Levels,
  now: Date,
): Budget {
  const requests = {
    requestsPerSecond: limits.requestsPerSecond.value,
    burst: limits.burst.value,
    reservedShare: limits.reservedShare.value,
  };

  return {
    endpointId,
    limits,
    ...level(requests, bucket, now.getTime()),
    reservedTokens: reserved(requests),
    app: app ? appLevel(app.pointsPerHour, app.bucket, now.getTime()) : null,
  };
}

function appLevel(
  pointsPerHour: AppBudget["pointsPerHour"],
  bucket: BudgetBucket | undefined,
  now: number,
): AppBudget {
  const { tokens, hold, used } = level(pointsLimits(pointsPerHour.value, 0), bucket, now);
  return { pointsPerHour, points: tokens, hold, used };
}

/** A bucket that nobody used lately is full. */
function level(
  limits: Limits,
  bucket: BudgetBucket | undefined,
  now: number,
): Pick<Budget, "pace" | "tokens" | "hold" | "leases" | "used" | "reported"> {
  const shown = refilled(bucket ?? fullBucket(limits, now), limits, now);
  const { pace, tokens, hold, leases, reported } = shown;
  const [lastMinute = 0, lastHour = 0, lastDay = 0] = usedSince(shown, now);
  const iso = (ms: number) => new Date(ms).toISOString();

  return {
    pace: pace / FULL_PACE,
    tokens: Math.floor(tokens / MICRO),
    hold: hold && { until: iso(hold.until), reason: hold.reason },
    leases: Object.entries(leases).map(([holder, { tokens, until, people }]) => ({
      holder,
      tokens,
      until: iso(until),
      people,
    })),
    used: { lastMinute, lastHour, lastDay },
    reported: reported && { at: iso(reported.at), headers: reported.headers },
  };
}
