import { readCursorKey } from "../../../adapters/secrets/cursor-key.ts";
import * as operations from "../../../schemas/operations/registry.ts";
import { tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { getConnector } from "./get-connector.ts";
import { getConnectorVersion } from "./get-connector-version.ts";
import { listConnectors } from "./list-connectors.ts";

const deps = once(async () => {
  const { cursorSecret } = readEnv("cursorSecret");
  return { ...tenantDeps(), cursors: sealedCursors(await readCursorKey(cursorSecret)) };
});

export const handler = restHandler(
  [
    route(operations.ListConnectors, listConnectors),
    route(operations.GetConnector, getConnector),
    route(operations.GetConnectorVersion, getConnectorVersion),
  ],
  deps,
  admitRequest,
);
