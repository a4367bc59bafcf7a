/** Methods of CloudWatch: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/ */
import type { PluginMethod } from "../plugin.ts";
import { alarmMethods } from "./alarm-methods.ts";
import { logMethods } from "./log-methods.ts";
import { metricMethods } from "./metric-methods.ts";

export const methods: readonly PluginMethod[] = [...metricMethods, ...logMethods, ...alarmMethods];
