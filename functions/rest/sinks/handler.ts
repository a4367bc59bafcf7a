import { openCredentials } from "../../../adapters/secrets/credential-store.ts";
import { readCursorKey } from "../../../adapters/secrets/cursor-key.ts";
import * as operations from "../../../schemas/operations/sinks.ts";
import { PROBE_PATIENCE_MS, tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { createSink } from "./create-sink.ts";
import { deleteSink } from "./delete-sink.ts";
import { getSink } from "./get-sink.ts";
import { listSinks } from "./list-sinks.ts";
import { patchSink } from "./patch-sink.ts";
import { putSinkCredentials } from "./put-sink-credentials.ts";
import { testSink } from "./test-sink.ts";

const deps = once(async () => {
  const { environment, account, keyId, cursorSecret } = readEnv(
    "environment",
    "account",
    "keyId",
    "cursorSecret",
  );
  const { lakeBucket, stagingBucket } = readEnv("lakeBucket", "stagingBucket");

  return {
    ...tenantDeps(),
    credentials: openCredentials({ keyId, environment }),
    cursors: sealedCursors(await readCursorKey(cursorSecret)),
    surroundings: { local: environment === "local", buckets: [lakeBucket, stagingBucket] },
    platform: { environment, account },
    probePatienceMs: PROBE_PATIENCE_MS,
  };
});

export const handler = restHandler(
  [
    route(operations.ListSinks, listSinks),
    route(operations.CreateSink, createSink),
    route(operations.GetSink, getSink),
    route(operations.PatchSink, patchSink),
    route(operations.DeleteSink, deleteSink),
    route(operations.PutSinkCredentials, putSinkCredentials),
    route(operations.TestSink, testSink),
  ],
  deps,
  admitRequest,
);
