import { readCursorKey } from "../../adapters/secrets/cursor-key.ts";
import { ListAudit } from "../../schemas/operations/audit.ts";
import { tablesFromEnv } from "../runtime/deps.ts";
import { readEnv } from "../runtime/env.ts";
import { once } from "../runtime/once.ts";
import { sealedCursors } from "../runtime/page-cursor.ts";
import { restHandler, route } from "../runtime/rest.ts";
import { listAudit } from "./list-audit.ts";

const deps = once(async () => {
  const { cursorSecret } = readEnv("cursorSecret");
  return { tables: tablesFromEnv(), cursors: sealedCursors(await readCursorKey(cursorSecret)) };
});

export const handler = restHandler([route(ListAudit, listAudit)], deps);
