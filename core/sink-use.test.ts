import { describe, expect, it } from "vitest";
import { sinkInUse } from "./sink-use.ts";

const unit = (n: number) => ({
  endpointId: "ep_1",
  endpointName: "Jira",
  unitId: `jira.u${n}`,
  runId: null,
});

describe("the refusal to delete a sink in use", () => {
  it("names the units and how each lets it go", () => {
    const { message } = sinkInUse([unit(1), { ...unit(2), runId: "run_7" }]);
    expect(message).toBe(
      'These land here: jira.u1 of "Jira", run run_7 of jira.u2 of "Jira". ' +
        "Give each unit another sink: PUT /endpoints/{endpointId}/units/{unitId}/config. " +
        "Wait for the run to end, or cancel it.",
    );
  });

  it("names ten and counts the rest", () => {
    const refusal = sinkInUse(Array.from({ length: 30 }, (_, n) => unit(n)));
    expect(refusal.message).toContain("and 20 more");
    expect(refusal.details).toMatchObject({ count: 30, units: { length: 10 } });
  });
});
