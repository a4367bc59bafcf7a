/**
 * When a credential ends, and when it must be renewed so that it does not: what vendors limit by
 * days, and what people said of a token that they made.
 */

export interface CredentialFacts {
  /** As a person said it, of an API token. */
  readonly expiresAt: Date | null;
  /** When a person gave or authorised it. */
  readonly givenAt: Date;
  /** When the vendor last renewed it; null where it renews nothing. */
  readonly renewedAt: Date | null;
  /** Not used for so long, it is dead. */
  readonly idleDays?: number | undefined;
  /** After so long it is dead, used or not. */
  readonly absoluteDays?: number | undefined;
}

export interface CredentialForecast {
  /** When somebody must have given another. Null: never, as far as is known. */
  readonly endsAt: Date | null;
  /** Whether that is soon. */
  readonly isExpiring: boolean;
  /** Whether it has not been renewed for so long that it should be, for no other reason. */
  readonly renewNow: boolean;
  readonly lookAgainAt: Date;
}

const DAY_MS = 86_400_000;
/** Time for people to act, vacations included. */
const WARNING_DAYS = 14;
const LOOK_DAYS = 30;
const HOUR_MS = 3_600_000;

export function forecastCredential(facts: CredentialFacts, now: Date): CredentialForecast {
  const { expiresAt, givenAt, renewedAt, idleDays, absoluteDays } = facts;
  const limit = absoluteDays === undefined ? null : inDays(givenAt, absoluteDays);
  const endsAt = earliest([expiresAt, limit]);
  const warnAt = endsAt && inDays(endsAt, -WARNING_DAYS);
  const renewAt = renewedAt && idleDays !== undefined ? inDays(renewedAt, idleDays / 2) : null;

  const coming = [warnAt, endsAt, renewAt, inDays(now, LOOK_DAYS)];
  const next = earliest(coming.filter((at) => at !== null && at > now));
  return {
    endsAt,
    isExpiring: warnAt !== null && warnAt <= now,
    renewNow: renewAt !== null && renewAt <= now,
    lookAgainAt: next ?? new Date(now.getTime() + HOUR_MS),
  };
}

const inDays = (from: Date, days: number) => new Date(from.getTime() + days * DAY_MS);

function earliest(instants: readonly (Date | null)[]): Date | null {
  const given = instants.filter((at) => at !== null).map((at) => at.getTime());
  return given.length > 0 ? new Date(Math.min(...given)) : null;
}
