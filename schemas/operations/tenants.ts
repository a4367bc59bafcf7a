import * as z from "zod";
import { operation, PageQuery, pageOf } from "../operation.ts";
import { Tenant, TenantInput, TenantPatch, TenantUsage } from "../tenant.ts";
import { TenantPath } from "./paths.ts";

export const CreateTenant = operation({
  id: "createTenant",
  method: "POST",
  path: "/tenants",
  area: "administration",
  role: "platform",
  summary: "Registers a tenant with its quotas.",
  body: TenantInput,
  answers: { 201: Tenant },
  errors: ["CONFLICT"],
});

export const ListTenants = operation({
  id: "listTenants",
  method: "GET",
  path: "/tenants",
  area: "administration",
  role: "platform",
  summary: "Lists registered tenants, by id.",
  query: PageQuery,
  answers: { 200: pageOf(Tenant) },
  errors: ["CURSOR_INVALID"],
});

export const GetTenant = operation({
  id: "getTenant",
  method: "GET",
  path: "/tenants/{tenantId}",
  area: "administration",
  role: "platform",
  summary: "Returns a tenant, with the usage of its quotas.",
  pathParams: TenantPath,
  answers: { 200: z.strictObject({ ...Tenant.shape, usage: TenantUsage }) },
  errors: ["NOT_FOUND"],
});

export const PatchTenant = operation({
  id: "patchTenant",
  method: "PATCH",
  path: "/tenants/{tenantId}",
  area: "administration",
  role: "platform",
  summary: "Changes name or quotas, suspends the tenant, or resumes it. Its schedules follow.",
  pathParams: TenantPath,
  body: TenantPatch,
  ifMatch: "required",
  answers: { 200: Tenant },
  errors: ["NOT_FOUND", "CONFLICT"],
});

export const DeleteTenant = operation({
  id: "deleteTenant",
  method: "DELETE",
  path: "/tenants/{tenantId}",
  area: "administration",
  role: "platform",
  summary:
    "Deletes the tenant: nothing of it starts any more, and its endpoints, sinks, " +
    "credentials, runs and events are deleted within minutes. The deletion is complete when " +
    "the tenant answers 404. Landed data and the audit are kept.",
  pathParams: TenantPath,
  ifMatch: "required",
  answers: { 202: Tenant },
  errors: ["NOT_FOUND", "CONFLICT"],
});
