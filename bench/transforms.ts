/**
 * What it costs to evaluate expressions of tenants: one after the other and four at once in warm
 * children, the first one of all, and the one after a kill. Beside it stands JSONata in this
 * process, which is what nobody may do with a tenant's expression (ADR 0061).
 */
import jsonata from "jsonata";
import { evaluate } from "../integrations/transform/run-expression.ts";

const ENDLESS = "($f := function($x){ $f($x) }; $f(1))";
const BACKTRACKS = '$match($pad("a", 300000, "a"), /a+b/)';
const EXPRESSION = `issues.{ "id": id, "key": key, "summary": fields.summary,
  "labels": $join(fields.labels, ","), "created": $toMillis(fields.created),
  "open": fields.status.name != "Done" }`;
const ROUNDS = 3;

export interface TransformFigures {
  readonly "per second": number;
  readonly "ms each": number;
}

/** Medians of three rounds. */
export async function benchTransforms(): Promise<Record<string, TransformFigures>> {
  const [one, hundred] = [issues(1), issues(100)];
  const first = await measured(1, () => evaluate(EXPRESSION, one));
  await Promise.all([1, 2, 3, 4].map(() => evaluate(EXPRESSION, one)));

  const figures = {
    "the first, with its child": first,
    "1 issue": await median(() => measured(300, () => evaluate(EXPRESSION, one))),
    "1 issue, four at once": await median(() => measured(300, four(one))),
    "100 issues of 1 kB": await median(() => measured(50, () => evaluate(EXPRESSION, hundred))),
    "after a kill": await median(async () => {
      await evaluate(BACKTRACKS, {}, { timeoutMs: 100 }).catch(() => {});
      return measured(1, () => evaluate(EXPRESSION, one));
    }),
    "one that never ends, of 100 ms": await median(() =>
      measured(1, () => evaluate(ENDLESS, {}, { timeoutMs: 100 }).catch(() => {})),
    ),
    "1 issue in this process, unguarded": await median(() =>
      measured(300, () => jsonata(EXPRESSION).evaluate(one)),
    ),
  };
  return figures;
}

const four = (input: unknown) => () =>
  Promise.all([1, 2, 3, 4].map(() => evaluate(EXPRESSION, input))).then(() => 4);

/** `run` answers how many it did; one when it does not. */
async function measured(times: number, run: () => Promise<unknown>): Promise<TransformFigures> {
  const started = performance.now();
  let done = 0;
  while (done < times) {
    const count = await run();
    done += typeof count === "number" ? count : 1;
  }
  const ms = performance.now() - started;
  return {
    "per second": Math.round((done / ms) * 1000),
    "ms each": Number((ms / done).toFixed(2)),
  };
}

async function median(round: () => Promise<TransformFigures>): Promise<TransformFigures> {
  const rounds: TransformFigures[] = [];
  while (rounds.length < ROUNDS) rounds.push(await round());
  const sorted = rounds.sort((a, b) => a["ms each"] - b["ms each"]);
  return sorted[Math.floor(ROUNDS / 2)] as TransformFigures;
}

function issues(count: number): unknown {
  const fields = {
    summary: "The export fails",
    description: "x".repeat(800),
    labels: ["export", "customer"],
    created: "2026-11-30T08:00:00.000Z",
    status: { name: "In progress" },
  };
  return { issues: Array.from({ length: count }, (_, n) => ({ id: n, key: `ACME-${n}`, fields })) };
}
