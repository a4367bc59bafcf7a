/** Methods of GitHub's REST API: https://docs.github.com/rest */
import type { PluginMethod } from "../plugin.ts";
import { issueMethods } from "./issue-methods.ts";
import { pullRequestMethods } from "./pull-request-methods.ts";
import { repositoryMethods } from "./repository-methods.ts";

export const methods: readonly PluginMethod[] = [
  ...issueMethods,
  ...pullRequestMethods,
  ...repositoryMethods,
];
