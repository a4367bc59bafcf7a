/** Methods that list a site's projects and people. */
import type { Params, PluginMethod, VendorAnswer } from "../plugin.ts";
import { jsonRequest, listOf, objectOf } from "../requests/json-messages.ts";
import { integer, list, oneOf, pageSchema, paramsOf, text } from "../requests/param-schemas.ts";
import { READ, READ_USERS } from "./method-parts.ts";
import { siteUrl } from "./site-url.ts";

const USERS_PAGE = 100;
const START_AT = integer("Place of the first one, from `nextPage`.", 0, 10_000_000, { default: 0 });

const listProjects: PluginMethod = {
  method: {
    name: "listProjects",
    title: "List projects",
    description: "Lists the projects (spaces) that the account may see, or finds one by its name.",
    resource: "project",
    paramSchema: paramsOf({
      "query?": text("Part of a project's name or key."),
      "keys?": list("Keys of the projects to show.", text("Key of a project."), 50),
      "orderBy?": oneOf("Order. Default: `key`.", ["key", "name", "lastIssueUpdatedDate"]),
      "startAt?": START_AT,
      "maxResults?": integer("Projects a page.", 1, 100, { default: 50 }),
    }),
    responseSchema: pageSchema("Projects: `id`, `key`, `name`."),
    safe: true,
    idempotent: true,
    scopes: READ,
  },
  request: ({ query, keys, orderBy, startAt, maxResults = 50 }, { config }) =>
    jsonRequest(
      "GET",
      siteUrl(
        config,
        "/project/search",
        {},
        {
          query: query as string,
          keys: keys as string[],
          orderBy: orderBy as string,
          startAt: startAt as number,
          maxResults: maxResults as number,
        },
      ),
    ),
  data: projectPage,
};

const listUsers: PluginMethod = {
  method: {
    name: "listUsers",
    title: "List people",
    description:
      "Lists the site's people (users, members, apps) with their account ids, active or not. " +
      "With `query`, finds a person by name or mail address.",
    resource: "user",
    paramSchema: paramsOf({
      "query?": text("Part of a name or of a mail address."),
      "startAt?": START_AT,
      "maxResults?": integer("People a page.", 1, 1000, { default: USERS_PAGE }),
    }),
    responseSchema: pageSchema("People: `accountId`, `displayName`, `active`."),
    safe: true,
    idempotent: true,
    scopes: READ_USERS,
  },
  request: ({ query, startAt, maxResults = USERS_PAGE }, { config }) =>
    jsonRequest(
      "GET",
      siteUrl(
        config,
        query === undefined ? "/users/search" : "/user/search",
        {},
        {
          query: query as string,
          startAt: startAt as number,
          maxResults: maxResults as number,
        },
      ),
    ),
  data: userPage,
};

/** The number of projects that it gave, not the number asked for, is where the next page begins. */
function projectPage(answer: VendorAnswer) {
  const { startAt, isLast } = objectOf(answer);
  const items = listOf(answer, "values");
  const next = (typeof startAt === "number" ? startAt : 0) + items.length;
  return { items, nextPage: isLast === true || items.length === 0 ? null : { startAt: next } };
}

/** A bare list, in which people are left out after it was cut: only an empty page is the end. */
function userPage(answer: VendorAnswer, _: unknown, params: Params) {
  const items = listOf(answer);
  const next = Number(params.startAt ?? 0) + Number(params.maxResults ?? USERS_PAGE);
  return { items, nextPage: items.length === 0 ? null : { startAt: next } };
}

export const directoryMethods: readonly PluginMethod[] = [listProjects, listUsers];
