import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MaintenanceSums } from "../../schemas/maintenance.ts";
import { play } from "../../tests/histories/scenarios.ts";
import { openStage, type Stage } from "../../tests/histories/stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe("tableMaintenanceWorkflow", () => {
  it("goes over all units, page by page, and names what was kept from it", async () => {
    const handle = await play(stage, "maintained");
    const sums = (await handle.result()) as MaintenanceSums;

    expect(sums).toMatchObject({ tables: 28, failed: 1, filesCompacted: 28 * 2, lostRaces: 0 });
    expect(sums.failures).toEqual([
      { tenantId: "maintained", endpointId: "ep", unitId: "jira.u3", code: "SINK_REJECTED" },
    ]);
  });

  it("leaves for the next day what is not done after a few calls", async () => {
    const handle = await play(stage, "maintained-in-part");
    const tables = 28 + 2;
    expect(await handle.result()).toMatchObject({ tables, failed: 0, filesCompacted: tables * 8 });
  });
});
