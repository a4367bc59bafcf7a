/** Methods of Zoho People: https://www.zoho.com/people/api/overview.html */
import type { PluginMethod } from "../plugin.ts";
import { attendanceMethods } from "./attendance-methods.ts";
import { leaveMethods } from "./leave-methods.ts";
import { recordMethods } from "./record-methods.ts";

export const methods: readonly PluginMethod[] = [
  ...recordMethods,
  ...leaveMethods,
  ...attendanceMethods,
];
