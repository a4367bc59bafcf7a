/**
 * What the sandbox site is made of. Times are epoch milliseconds; records are rendered to Jira's
 * shapes elsewhere.
 */
export type Person = {
  accountId: string;
  accountType: "atlassian" | "app";
  active: boolean;
  displayName: string;
  emailAddress?: string;
  timeZone?: string;
};

/** An author as real sites hold them: a person, null, or not there at all. */
export type Author = Person | null | undefined;

export type AdfNode = {
  type: string;
  text?: string;
  attrs?: Record<string, unknown>;
  content?: AdfNode[];
};
export type Adf = { version: 1; type: "doc"; content: AdfNode[] };

export type Project = {
  id: number;
  key: string;
  name: string;
  typeKey: "software" | "service_desk" | "business";
  simplified: boolean;
  lead?: Person;
  description?: string;
  category?: { id: string; name: string; description: string };
};

export type Comment = {
  id: number;
  issueId: number;
  author: Author;
  updateAuthor: Author;
  body: Adf;
  created: number;
  updated: number;
};

export type Worklog = {
  id: number;
  issueId: number;
  author: Author;
  updateAuthor: Author;
  comment: Adf | undefined;
  created: number;
  updated: number;
  started: number;
  seconds: number;
};

export type ChangedField = {
  field: string;
  fieldId: string;
  from: string | null;
  fromString: string | null;
  to: string | null;
  toString: string | null;
};

export type Change = { id: number; author: Author; created: number; items: ChangedField[] };

export type Issue = {
  id: number;
  project: Project;
  number: number;
  key: string;
  created: number;
  updated: number;
  people: { creator: Author; reporter: Author; assignee: Author };
  /** Every other field. An absent key is left out of answers, null is served as null. */
  fields: Record<string, unknown>;
  comments: Comment[];
  worklogs: Worklog[];
  changes: Change[];
};

/** A line of the worklog feeds. Hidden issues' worklogs are listed there too, and never served. */
export type FeedEntry = { worklogId: number; time: number };

export type Site = {
  projects: Project[];
  people: Person[];
  issues: Map<number, Issue>;
  issuesByKey: Map<string, Issue>;
  comments: Map<number, Comment>;
  worklogs: Map<number, Worklog>;
  hiddenWorklogs: FeedEntry[];
  deletedWorklogs: FeedEntry[];
  /** Changes with every edit, so that what was computed from the site can be kept until then. */
  version: number;
  nextIds: {
    issue: number;
    comment: number;
    worklog: number;
    change: number;
    attachment: number;
  };
  nextNumbers: Map<string, number>;
};

/** Origin of `self` links. Fixed, so that records do not depend on the port. */
export const SITE_URL = "https://inlet-sandbox.example.net";

/** Throws if the site has no such issue; for callers that hold an id they got from the site. */
export function issueOf(site: Site, issueId: number): Issue {
  const issue = site.issues.get(issueId);
  if (issue === undefined) throw new Error(`No issue ${issueId} on this site.`);
  return issue;
}

export function findIssue(site: Site, idOrKey: string): Issue | undefined {
  return /^\d+$/.test(idOrKey)
    ? site.issues.get(Number(idOrKey))
    : site.issuesByKey.get(idOrKey.toUpperCase());
}
