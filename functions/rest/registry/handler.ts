import { readCursorKey } from "../../../adapters/secrets/cursor-key.ts";
import * as operations from "../../../schemas/operations/registry.ts";
import { bucketReader, tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { createConnectorUpload } from "./create-connector-upload.ts";
import { getConnector } from "./get-connector.ts";
import { getConnectorRegistration } from "./get-connector-registration.ts";
import { getConnectorVersion } from "./get-connector-version.ts";
import { listConnectorMethods } from "./list-connector-methods.ts";
import { listConnectors } from "./list-connectors.ts";
import { patchConnectorVersion } from "./patch-connector-version.ts";
import { registerConnector } from "./register-connector.ts";

const deps = once(async () => {
  const { cursorSecret, stagingBucket, allowPrivateNetworks } = readEnv(
    "cursorSecret",
    "stagingBucket",
    "allowPrivateNetworks",
  );
  const { tables, ...rest } = tenantDeps();
  return {
    ...rest,
    tables,
    allowPrivateNetworks,
    staging: bucketReader(stagingBucket, tables),
    cursors: sealedCursors(await readCursorKey(cursorSecret)),
  };
});

export const handler = restHandler(
  [
    route(operations.ListConnectors, listConnectors),
    route(operations.GetConnector, getConnector),
    route(operations.GetConnectorVersion, getConnectorVersion),
    route(operations.RegisterConnector, registerConnector),
    route(operations.CreateConnectorUpload, createConnectorUpload),
    route(operations.PatchConnectorVersion, patchConnectorVersion),
    route(operations.GetConnectorRegistration, getConnectorRegistration),
    route(operations.ListConnectorMethods, listConnectorMethods),
  ],
  deps,
  admitRequest,
);
