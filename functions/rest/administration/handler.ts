import { readCursorKey } from "../../../adapters/secrets/cursor-key.ts";
import { ListAudit } from "../../../schemas/operations/audit.ts";
import * as tenants from "../../../schemas/operations/tenants.ts";
import { tenantDeps } from "../../runtime/deps.ts";
import { readEnv } from "../../runtime/env.ts";
import { once } from "../../runtime/once.ts";
import { sealedCursors } from "../../runtime/page-cursor.ts";
import { restHandler, route } from "../../runtime/rest.ts";
import { admitRequest } from "../../runtime/tenant-limits.ts";
import { createTenant } from "./create-tenant.ts";
import { deleteTenant } from "./delete-tenant.ts";
import { getTenant } from "./get-tenant.ts";
import { listAudit } from "./list-audit.ts";
import { listTenants } from "./list-tenants.ts";
import { patchTenant } from "./patch-tenant.ts";

const deps = once(async () => {
  const { cursorSecret } = readEnv("cursorSecret");
  return { ...tenantDeps(), cursors: sealedCursors(await readCursorKey(cursorSecret)) };
});

export const handler = restHandler(
  [
    route(ListAudit, listAudit),
    route(tenants.CreateTenant, createTenant),
    route(tenants.ListTenants, listTenants),
    route(tenants.GetTenant, getTenant),
    route(tenants.PatchTenant, patchTenant),
    route(tenants.DeleteTenant, deleteTenant),
  ],
  deps,
  admitRequest,
);
