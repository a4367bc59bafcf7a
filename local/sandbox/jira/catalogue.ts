/**
 * The site's catalogue: what /issuetype, /status, /priority and /field answer. Data, not behaviour.
 */
import { SITE_URL } from "./site.ts";

const link = (path: string) => `${SITE_URL}/rest/api/3/${path}`;

const issueType = (id: string, name: string, description: string, hierarchyLevel = 0) => ({
  self: link(`issuetype/${id}`),
  id,
  description,
  iconUrl: `${SITE_URL}/images/issuetype-${id}.svg`,
  name,
  untranslatedName: name,
  subtask: hierarchyLevel < 0,
  hierarchyLevel,
});

export const ISSUE_TYPES = [
  issueType("10000", "Epic", "A big user story that needs to be broken down.", 1),
  issueType("10001", "Story", ""),
  issueType("10002", "Task", "A task that needs to be done."),
  issueType("10003", "Sub-task", "The sub-task of the issue", -1),
  issueType("10004", "Bug", "A problem which impairs or prevents the functions of the product."),
  issueType("10005", "Bug", "The same name again, as team-managed projects have it."),
];

const CATEGORIES = {
  new: { self: link("statuscategory/2"), id: 2, key: "new", colorName: "blue-gray", name: "To Do" },
  indeterminate: {
    self: link("statuscategory/4"),
    id: 4,
    key: "indeterminate",
    colorName: "yellow",
    name: "In Progress",
  },
  done: { self: link("statuscategory/3"), id: 3, key: "done", colorName: "green", name: "Done" },
};

const status = (id: string, name: string, category: keyof typeof CATEGORIES) => ({
  self: link(`status/${id}`),
  description: "",
  iconUrl: `${SITE_URL}/`,
  name,
  id,
  statusCategory: CATEGORIES[category],
});

export const STATUSES = [
  status("1", "Open", "new"),
  status("3", "In Progress", "indeterminate"),
  status("10010", "In Review", "indeterminate"),
  status("10011", "Waiting for customer", "indeterminate"),
  status("5", "Resolved", "done"),
  status("6", "Closed", "done"),
];
export const isDone = (status: (typeof STATUSES)[number]) => status.statusCategory.key === "done";

export const PRIORITIES = ["Highest", "High", "Medium", "Low", "Lowest"].map((name, index) => ({
  self: link(`priority/${index + 1}`),
  statusColor: ["#d04437", "#f15c75", "#f79232", "#707070", "#999999"][index],
  description: "",
  iconUrl: `${SITE_URL}/images/priority-${index + 1}.svg`,
  name,
  id: String(index + 1),
}));

export const RESOLUTIONS = ["Done", "Won't Do", "Duplicate", "Cannot Reproduce"].map(
  (name, index) => ({
    self: link(`resolution/${10_000 + index}`),
    id: String(10_000 + index),
    description: "",
    name,
  }),
);

/** Custom fields that nobody fills in, as on every old site. */
export const IDLE_FIELDS = Array.from(
  { length: 40 },
  (_, index) => `customfield_${10_100 + index}`,
);

type Schema = Record<string, string | number>;

const field = (id: string, name: string, schema: Schema | undefined, navigable = true) => ({
  id,
  key: id,
  name,
  custom: id.startsWith("customfield_"),
  orderable: true,
  navigable,
  searchable: true,
  clauseNames: id.startsWith("customfield_") ? [`cf[${id.slice(12)}]`, name] : [id],
  ...(schema && { schema }),
});

const system = (id: string, name: string, type: string, items?: string) =>
  field(id, name, { type, ...(items && { items }), system: id });

const custom = (number: number, name: string, type: string, kind: string, items?: string) =>
  field(`customfield_${number}`, name, {
    type,
    ...(items && { items }),
    custom: `com.atlassian.jira.plugin.system.customfieldtypes:${kind}`,
    customId: number,
  });

export const FIELDS = [
  field("issuekey", "Key", undefined),
  system("summary", "Summary", "string"),
  system("issuetype", "Issue Type", "issuetype"),
  system("project", "Project", "project"),
  system("status", "Status", "status"),
  system("priority", "Priority", "priority"),
  system("resolution", "Resolution", "resolution"),
  system("resolutiondate", "Resolved", "datetime"),
  system("created", "Created", "datetime"),
  system("updated", "Updated", "datetime"),
  system("duedate", "Due date", "date"),
  system("creator", "Creator", "user"),
  system("reporter", "Reporter", "user"),
  system("assignee", "Assignee", "user"),
  system("labels", "Labels", "array", "string"),
  system("components", "Components", "array", "component"),
  system("fixVersions", "Fix versions", "array", "version"),
  system("description", "Description", "string"),
  system("environment", "Environment", "string"),
  system("issuelinks", "Linked Issues", "array", "issuelinks"),
  system("subtasks", "Sub-tasks", "array", "issuelinks"),
  field("parent", "Parent", undefined),
  system("attachment", "Attachment", "array", "attachment"),
  system("timespent", "Time Spent", "number"),
  system("votes", "Votes", "votes"),
  system("watches", "Watchers", "watches"),
  field("comment", "Comment", { type: "comments-page", system: "comment" }, false),
  field("worklog", "Log Work", { type: "array", items: "worklog", system: "worklog" }, false),
  custom(10_014, "Epic Link", "any", "epic-link"),
  custom(10_016, "Story point estimate", "number", "float"),
  custom(10_019, "Rank", "any", "lexo-rank"),
  custom(10_020, "Sprint", "array", "sprint", "json"),
  custom(10_021, "Flagged", "array", "multicheckboxes", "option"),
  custom(10_030, "Severity", "option", "select"),
  custom(10_032, "Reviewer", "user", "userpicker"),
  custom(10_033, "Steps to reproduce", "string", "textarea"),
  custom(10_036, "Deployed at", "datetime", "datetime"),
  custom(10_037, "Area", "option-with-child", "cascadingselect"),
  custom(10_050, "Console output", "string", "textfield"),
  custom(10_051, "Affected customers", "array", "multiselect", "option"),
  // Two fields of one name, as on sites where teams make their own.
  custom(10_052, "Severity", "string", "textfield"),
  ...IDLE_FIELDS.map((id) =>
    custom(Number(id.slice(12)), `Unused ${id.slice(12)}`, "string", "textfield"),
  ),
];
