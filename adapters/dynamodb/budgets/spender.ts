/**
 * A process's side of one bucket: a lease at a time, spent request by request without asking
 * anybody. Callers take turns at the table and nowhere else.
 */
import { randomBytes } from "node:crypto";
import {
  type Ask,
  fullBucket,
  type Hold,
  held,
  type Lease,
  leased,
  settled,
  waitMs,
} from "../../../core/budget/bucket.ts";
import { type Limits, reserved } from "../../../core/budget/limits.ts";
import type { BudgetBucket } from "../../../schemas/budget.ts";
import type { Tables } from "../client.ts";
import type { Key } from "../keys.ts";
import { changeShared, type Seen, type Step } from "../table/change-shared.ts";
import { storedBucket } from "./stored-bucket.ts";

/** A call that comes alone leases no more than it needs. */
const FIRST_WISH = 1;
const MOST_WISHED = 100;
const REPORT_MS = 10_000;

type Reported = NonNullable<BudgetBucket["reported"]>;

/** Times in epoch milliseconds. */
export interface Spender {
  /** 0 when `cost` tokens were spent, else the milliseconds after which there may be enough. */
  readonly spend: (limits: Limits, cost: number, now: number) => Promise<number>;
  /** Keeps what the vendor says of its limits; written at once where the last is ten seconds old. */
  readonly report: (limits: Limits, reported: Reported) => Promise<void>;
  /** Tells everybody, in either language, that the vendor is not to be asked. */
  readonly hold: (limits: Limits, hold: Hold, slowDown: boolean, now: number) => Promise<void>;
}

/** `people`: on behalf of somebody who waits. */
export function openSpender(tables: Tables, key: Key, people: boolean): Spender {
  const holder = randomBytes(6).toString("hex");
  const stored = storedBucket(key);
  // Until it is known: a step that is made for no bucket fails where there is one, and is told it.
  let seen: Seen<BudgetBucket> = { revision: 0, value: undefined };
  let lease: Lease | undefined;
  let spent = 0;
  let wish = FIRST_WISH;
  let reported: Reported | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const mine = turn.then(act);
    turn = mine.catch(() => {});
    return mine;
  };
  const change = async <T>(step: Step<BudgetBucket, T>): Promise<T> => {
    const { answer, seen: after } = await changeShared(tables, stored, seen, step);
    seen = after;
    return answer;
  };
  const covers = (cost: number, now: number) =>
    lease !== undefined && spent + cost <= lease.tokens && now < lease.until;

  /** With what this process knows: its last lease given back, the vendor's latest headers. */
  const brought = (found: BudgetBucket | undefined, limits: Limits, now: number) => {
    const bucket = found ?? fullBucket(limits, now);
    const noted =
      reported && (bucket.reported?.at ?? 0) < reported.at ? { ...bucket, reported } : bucket;
    return lease ? settled(noted, limits, { holder, leaseId: lease.id, spent }, now) : noted;
  };

  const renew = async (limits: Limits, cost: number, now: number): Promise<number> => {
    if (lease) {
      const usedUp = now < lease.until;
      wish = usedUp ? Math.min(MOST_WISHED, wish * 2) : Math.max(1, spent);
    }
    const leaseId = randomBytes(6).toString("hex");
    const ask: Ask = { holder, leaseId, tokens: Math.max(wish, cost), people, least: cost };
    const had = lease !== undefined;

    const granted = await change((found) => {
      const { bucket, lease: next } = leased(brought(found, limits, now), limits, ask, now);
      const wait = next ? 0 : waitMs(bucket, limits, ask, now);
      return { keep: next || had ? bucket : undefined, answer: { next, wait } };
    });
    lease = granted.next;
    spent = 0;
    return granted.wait;
  };

  return {
    spend: (limits, given, now) =>
      inTurn(async () => {
        const cost = Math.max(1, Math.min(given, limits.burst - reserved(limits)));
        const wait = covers(cost, now) ? 0 : await renew(limits, cost, now);
        if (wait === 0) spent += cost;
        return wait;
      }),
    report: async (limits, latest) => {
      reported = latest;
      const { at } = latest;
      if ((seen.value?.reported?.at ?? 0) > at - REPORT_MS) return;
      await inTurn(async () => {
        await change((found) => ({ keep: brought(found, limits, at), answer: undefined }));
        lease = undefined;
      });
    },
    hold: (limits, hold, slowDown, now) =>
      inTurn(async () => {
        try {
          await change((found) => ({
            keep: held(brought(found, limits, now), limits, hold, { now, slowDown }),
            answer: undefined,
          }));
        } finally {
          // Who was refused obeys, even where the table does not take it.
          lease = undefined;
        }
      }),
  };
}
