/** Bodies of writes to issues: what people name, in the shapes that Jira takes. */
import type { Params } from "../plugin.ts";
import { isObject } from "../requests/json-messages.ts";
import { free, list, text } from "../requests/param-schemas.ts";
import { unfit } from "../requests/vendor-url.ts";
import { documentOf, documentSchema } from "./adf.ts";

type Body = Record<string, unknown>;

/** Parameters of fields that creating and editing have alike. */
export const FIELD_PARAMS = {
  "description?": documentSchema("The description."),
  "priority?": text("Name of the priority.", { examples: ["High"] }),
  "assignee?": text("Account id of the person who does it, from `listUsers`."),
  "reporter?": text("Account id of the person who reported it."),
  "labels?": list("All labels.", text("A label without spaces."), 100),
  "dueDate?": {
    type: "string",
    format: "date",
    description: "The day it is due.",
    examples: ["2026-12-24"],
  },
  "parent?": text("Key of the epic or issue that it is a part of."),
  "fields?": free(
    "Other fields by id, for example `customfield_10010`, in the shapes that Jira takes.",
  ),
};

/** The `fields` of a new issue. Throws `VALIDATION_ERROR` for a field that is given twice. */
export function issueFields(params: Params): Body {
  return together(params, {
    project: named("key", params.project),
    issuetype: named("name", params.issueType),
    ...commonFields(params),
  });
}

/** The body of an edit. Labels that are added or taken away leave the others as they are. */
export function editBody(params: Params): Body {
  const fields = together(params, commonFields(params));
  const steps = [
    ...labelSteps("add", params.addLabels),
    ...labelSteps("remove", params.removeLabels),
  ];

  if (steps.length > 0 && fields.labels !== undefined)
    throw unfit("labels", "sets all labels. Leave it out, or `addLabels` and `removeLabels`");
  if (steps.length === 0 && Object.keys(fields).length === 0)
    throw unfit("fields", "are missing: the call changes nothing. Name what is to be changed");
  return { fields, ...(steps.length > 0 && { update: { labels: steps } }) };
}

export function transitionBody(params: Params): Body {
  const { transitionId, resolution, comment } = params;
  const fields = together(params, {
    ...(resolution !== undefined && { resolution: { name: resolution } }),
  });

  return {
    transition: { id: transitionId },
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(comment !== undefined && {
      update: { comment: [{ add: { body: documentOf("comment", comment) } }] },
    }),
  };
}

function commonFields(params: Params): Body {
  const { summary, description, priority, assignee, reporter, labels, dueDate, parent } = params;
  const given: Body = {
    summary,
    description: description === undefined ? undefined : documentOf("description", description),
    priority: priority === undefined ? undefined : { name: priority },
    assignee: assignee === undefined ? undefined : { accountId: assignee },
    reporter: reporter === undefined ? undefined : { accountId: reporter },
    labels,
    duedate: dueDate,
    parent: parent === undefined ? undefined : { key: parent },
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The caller's own `fields` beside those that have a parameter. */
function together({ fields }: Params, known: Body): Body {
  const own = isObject(fields) ? fields : {};
  const twice = Object.keys(own).find((name) => Object.hasOwn(known, name));
  if (twice === undefined) return { ...own, ...known };
  throw unfit(`fields.${twice}`, "is given by a parameter of its own, too. Keep one");
}

const named = (name: string, value: unknown): Body =>
  /^\d+$/.test(String(value)) ? { id: String(value) } : { [name]: value };

function labelSteps(step: "add" | "remove", labels: unknown): Body[] {
  return Array.isArray(labels) ? labels.map((label) => ({ [step]: label })) : [];
}
