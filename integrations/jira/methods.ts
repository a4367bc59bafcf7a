/** Methods of Jira Cloud (REST v3): https://developer.atlassian.com/cloud/jira/platform/rest/v3/ */
import type { PluginMethod } from "../plugin.ts";
import { directoryMethods } from "./directory-methods.ts";
import { issueMethods } from "./issue-methods.ts";
import { threadMethods } from "./thread-methods.ts";

export const methods: readonly PluginMethod[] = [
  ...issueMethods,
  ...threadMethods,
  ...directoryMethods,
];
