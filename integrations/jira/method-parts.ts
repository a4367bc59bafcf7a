/** What several of Jira's methods have alike. */
import { text } from "../requests/param-schemas.ts";

/** Classic scopes of OAuth 2.0. */
export const READ = ["read:jira-work"];
export const WRITE = ["write:jira-work"];
export const READ_USERS = ["read:jira-user"];

export const ISSUE = text("Key or id of the issue.", { examples: ["DEMO-17"] });
