import { readCursorKey } from "../../../adapters/secrets/cursor-key.ts";
import * as operations from "../../../schemas/operations/knowledge.ts";
import { tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { getKbLineage } from "./get-kb-lineage.ts";
import { getKbNode } from "./get-kb-node.ts";
import { listKbNodes } from "./list-kb-nodes.ts";

const deps = once(async () => {
  const { cursorSecret } = readEnv("cursorSecret");
  return { ...tenantDeps(), cursors: sealedCursors(await readCursorKey(cursorSecret)) };
});

export const handler = restHandler(
  [
    route(operations.ListKbNodes, listKbNodes),
    route(operations.GetKbNode, getKbNode),
    route(operations.GetKbLineage, getKbLineage),
  ],
  deps,
  admitRequest,
);
