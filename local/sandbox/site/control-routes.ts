/**
 * Control that every running sandbox has: no credentials, no faults, loopback only (the server
 * listens nowhere else).
 */
import { type Answer, type Call, json, objectBody, type Route } from "./answer.ts";
import { badRequest } from "./api-error.ts";
import type { Truth } from "./truth.ts";

/** `reset` puts the sandbox back to how it started. */
export function controlRoutes<State>(truth: Truth<State>, reset: () => void): Route<State>[] {
  return [
    { method: "POST", path: "/faults", answer: setFaults },
    { method: "POST", path: "/reset", answer: () => answerReset(reset) },
    { method: "GET", path: "/stats", answer: stats },
    { method: "GET", path: "/truth", answer: (call) => answerTruth(truth, call) },
  ];
}

function setFaults<State>({ sandbox, body }: Call<State>): Answer {
  sandbox.faults.set(objectBody(body, ["latencyMs", "rate", "fail", "mode", "times"]));
  return json(sandbox.faults.settings());
}

function answerReset(reset: () => void): Answer {
  reset();
  return json({ reset: true });
}

function stats<State>({ sandbox }: Call<State>): Answer {
  const requests = [...sandbox.stats.values()].reduce((sum, count) => sum + count, 0);
  return json({ requests, requestsByRoute: Object.fromEntries(sandbox.stats) });
}

function answerTruth<State>(truth: Truth<State>, { sandbox, query }: Call<State>): Answer {
  const units = Object.keys(truth);
  const unit = units.find((name) => name === query.get("unit"));
  const rows = unit === undefined ? undefined : truth[unit];
  if (rows === undefined) throw badRequest(`unit must be one of ${units.join(", ")}.`);
  const values = rows(sandbox);
  return json({ unit, total: values.length, values });
}
