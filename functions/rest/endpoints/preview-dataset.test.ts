import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeAll, describe, expect, it } from "vitest";
import type { Tables } from "../../../adapters/dynamodb/client.ts";
import {
  ADMIN,
  caller,
  collected,
  STRANGER,
  startControlPlane,
  VIEWER,
} from "../../../tests/stage/control-plane.ts";
import { testS3 } from "../../../tests/stage/emulator.ts";
import { finishNextProbe } from "../../../tests/stage/probe-answers.ts";
import { handler } from "./handler.ts";

const call = caller(handler);
let tables: Tables;
let datasetId: string;
beforeAll(async () => {
  tables = await startControlPlane();
  const body = { name: "Preview", connector: "shop", config: { baseUrl: "https://shop.example" } };
  const { endpointId } = (await call("POST", "/endpoints", { body })).body;
  await collected(tables, ADMIN.tenantId, endpointId, ["shop.orders"]);
  datasetId = `${endpointId}:shop.orders`;
});

describe("GET /datasets/{datasetId}/preview", () => {
  it("answers the rows that the data plane left in staging", async () => {
    const key = "stg/acme/preview/rows.json";
    const rows = [{ id: "1" }, { id: "2" }, { id: "3" }];
    const object = {
      Bucket: process.env.INLET_STAGING_BUCKET ?? "",
      Key: key,
      Body: JSON.stringify(rows),
    };
    await testS3().send(new PutObjectCommand(object));
    const answered = finishNextProbe(tables, { summary: {}, key, error: null });
    const { status, body } = await call("GET", `/datasets/${datasetId}/preview?limit=2`);
    expect({ status, body }).toEqual({ status: 200, body: { datasetId, rows: rows.slice(0, 2) } });
    expect(await answered).toMatchObject({ kind: "PREVIEW", limit: 2, subject: datasetId });
  });

  it("says what the source said against it", async () => {
    const error = {
      code: "AUTH_ERROR" as const,
      message: "The token expired. Put a new one.",
      retryable: false,
    };
    const answered = finishNextProbe(tables, { summary: {}, key: null, error });
    const { status, body } = await call("GET", `/datasets/${datasetId}/preview`);

    expect({ status, code: body.code, detail: body.detail }).toEqual({
      status: 422,
      code: error.code,
      detail: error.message,
    });
    await answered;
  });

  it("shows rows to no viewer and to no other tenant", async () => {
    expect((await call("GET", `/datasets/${datasetId}/preview`, { as: VIEWER })).status).toBe(403);
    expect((await call("GET", `/datasets/${datasetId}/preview`, { as: STRANGER })).status).toBe(
      404,
    );
  });
});
