import { type Answer, json, jsonText, wholeNumber } from "../site/answer.ts";
import { badRequest } from "../site/api-error.ts";
import { FIELDS, ISSUE_TYPES, PRIORITIES, STATUSES } from "./catalogue.ts";
import { projectRecord, renderPerson } from "./render-records.ts";
import { type Person, type Project, SITE_URL } from "./site.ts";
import type { Call, Route } from "./state.ts";

const DEFAULT_USERS = 50;
const MAX_USERS = 1_000;
const PROJECT_PAGE = 50;
const PERMISSIONS: Record<string, string> = {
  BROWSE_PROJECTS: "PROJECT",
  USER_PICKER: "GLOBAL",
  ADMINISTER: "GLOBAL",
  WORK_ON_ISSUES: "PROJECT",
};
const HELD = new Set(["BROWSE_PROJECTS", "USER_PICKER"]);

export const directoryRoutes: Route[] = [
  { method: "GET", path: "/users/search", answer: searchUsers },
  { method: "GET", path: "/project/search", answer: searchProjects },
  { method: "GET", path: "/field", answer: () => json(FIELDS) },
  { method: "GET", path: "/issuetype", answer: () => json(ISSUE_TYPES) },
  { method: "GET", path: "/status", answer: () => json(STATUSES) },
  { method: "GET", path: "/priority", answer: () => json(PRIORITIES) },
  {
    method: "GET",
    path: "/myself",
    answer: ({ sandbox }) => jsonText(renderPerson(sandbox.site.people[0] as Person)),
  },
  { method: "GET", path: "/mypermissions", answer: myPermissions },
  { method: "GET", path: "/serverInfo", answer: serverInfo },
  {
    method: "GET",
    path: "/_edge/tenant_info",
    answer: ({ sandbox }) => json({ cloudId: sandbox.cloudId }),
  },
];

/** A flat array: nothing but an empty page says that it is over. */
function searchUsers({ sandbox, query }: Call): Answer {
  const startAt = wholeNumber(query, "startAt", 0);
  const limit = Math.min(wholeNumber(query, "maxResults", DEFAULT_USERS), MAX_USERS);
  return jsonText(
    `[${sandbox.site.people
      .slice(startAt, startAt + limit)
      .map(renderPerson)
      .join()}]`,
  );
}

function searchProjects({ sandbox, query, origin }: Call): Answer {
  const startAt = wholeNumber(query, "startAt", 0);
  const asked = wholeNumber(query, "maxResults", PROJECT_PAGE);
  // More than the limit is not an error: the answer falls back to its default and says so.
  const maxResults = asked < 1 || asked > PROJECT_PAGE ? PROJECT_PAGE : asked;

  const keys = query.getAll("keys");
  const projects = sandbox.site.projects.filter(
    ({ key }) => keys.length === 0 || keys.includes(key),
  );
  const expand = query.getAll("expand").flatMap((names) => names.split(","));
  const page = (from: number) =>
    `${origin}/rest/api/3/project/search?maxResults=${maxResults}&startAt=${from}`;
  const isLast = startAt + maxResults >= projects.length;

  return json({
    self: page(startAt),
    ...(isLast ? {} : { nextPage: page(startAt + maxResults) }),
    maxResults,
    startAt,
    total: projects.length,
    isLast,
    values: projects.slice(startAt, startAt + maxResults).map((project) => ({
      ...projectRecord(project),
      ...expansions(project, expand, sandbox),
    })),
  });
}

function expansions(
  project: Project,
  expand: readonly string[],
  { site, zone }: Call["sandbox"],
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  if (expand.includes("description") && project.description !== undefined)
    result.description = project.description;
  if (expand.includes("lead") && project.lead) result.lead = JSON.parse(renderPerson(project.lead));

  if (expand.includes("insight")) {
    const times = [...site.issues.values()]
      .filter((issue) => issue.project === project)
      .map(({ updated }) => updated);
    const last = times.reduce((newest, time) => Math.max(newest, time), 0);
    result.insight = {
      totalIssueCount: times.length,
      ...(last > 0 && { lastIssueUpdateTime: zone.format(last) }),
    };
  }
  return result;
}

function myPermissions({ query }: Call): Answer {
  const asked = (query.get("permissions") ?? "").split(",").filter((key) => key !== "");
  if (asked.length === 0) throw badRequest("The 'permissions' query parameter is required.");
  const unknown = asked.filter((key) => PERMISSIONS[key] === undefined);
  if (unknown.length > 0) throw badRequest(`Unrecognized permission: ${unknown.join(", ")}`);

  const permissions = asked.map((key, index) => {
    const name = key.toLowerCase().replaceAll("_", " ");
    return [
      key,
      {
        id: String(index),
        key,
        name,
        type: PERMISSIONS[key],
        description: "",
        havePermission: HELD.has(key),
      },
    ];
  });
  return json({ permissions: Object.fromEntries(permissions) });
}

function serverInfo({ sandbox }: Call): Answer {
  return json({
    baseUrl: SITE_URL,
    version: "1001.0.0-SNAPSHOT",
    versionNumbers: [1001, 0, 0],
    deploymentType: "Cloud",
    buildNumber: 100_287,
    serverTime: sandbox.zone.format(sandbox.now()),
    serverTitle: "Inlet sandbox",
    defaultLocale: { locale: "en_US" },
  });
}
