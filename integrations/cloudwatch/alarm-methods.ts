/** Methods about alarms. */
import type { PluginMethod, VendorAnswer } from "../plugin.ts";
import { isObject, type JsonObject, nothing, objectOf } from "../requests/json-messages.ts";
import {
  integer,
  list,
  NOTHING,
  oneOf,
  pageSchema,
  paramsOf,
  text,
} from "../requests/param-schemas.ts";
import { awsRequest } from "./aws-request.ts";
import { TOKEN } from "./method-parts.ts";
import { instantOf } from "./times.ts";

const STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"];
const KINDS = { MetricAlarms: "MetricAlarm", CompositeAlarms: "CompositeAlarm" } as const;

const describeAlarms: PluginMethod = {
  method: {
    name: "describeAlarms",
    title: "Describe alarms",
    description: "Lists alarms with their state and rule, for example all that are in alarm now.",
    resource: "alarm",
    paramSchema: paramsOf({
      "names?": list("Names of alarms.", text("A name."), 100),
      "prefix?": text("What names begin with, instead of `names`."),
      "state?": oneOf("Only alarms in this state.", STATES),
      "types?": list("Default: both.", oneOf("A type.", Object.values(KINDS)), 2),
      "limit?": integer("Alarms a page.", 1, 100, { default: 50 }),
      "nextToken?": TOKEN,
    }),
    responseSchema: pageSchema("Alarms as AWS gives them, with `type`; times are instants."),
    safe: true,
    idempotent: true,
    scopes: ["cloudwatch:DescribeAlarms"],
  },
  request: ({ names, prefix, state, types, limit, nextToken }, { config }) =>
    awsRequest("monitoring", "DescribeAlarms", config, {
      AlarmNames: names,
      AlarmNamePrefix: prefix,
      StateValue: state,
      AlarmTypes: types ?? Object.values(KINDS),
      MaxRecords: limit ?? 50,
      NextToken: nextToken,
    }),
  data: alarmPage,
};

const setAlarmState: PluginMethod = {
  method: {
    name: "setAlarmState",
    title: "Set an alarm's state",
    description:
      "Sets the state of an alarm until it is evaluated next, mostly to try what it sets off.",
    resource: "alarm",
    paramSchema: paramsOf({
      name: text("Name of the alarm."),
      state: oneOf("The state.", STATES),
      reason: text("Why, for people.", { maxLength: 1023 }),
      "reasonData?": text("Why, in JSON, for machines.", { maxLength: 4000 }),
    }),
    responseSchema: NOTHING,
    safe: false,
    idempotent: true,
    scopes: ["cloudwatch:SetAlarmState"],
  },
  request: ({ name, state, reason, reasonData }, { config }) =>
    awsRequest("monitoring", "SetAlarmState", config, {
      AlarmName: name,
      StateValue: state,
      StateReason: reason,
      StateReasonData: reasonData,
    }),
  data: nothing,
};

function alarmPage(answer: VendorAnswer) {
  const found = objectOf(answer);
  const items = Object.entries(KINDS).flatMap(([name, type]) => {
    const alarms = found[name];
    return Array.isArray(alarms) ? alarms.filter(isObject).map((one) => shown(type, one)) : [];
  });
  const { NextToken } = found;
  return { items, nextPage: typeof NextToken === "string" ? { nextToken: NextToken } : null };
}

function shown(type: string, alarm: JsonObject): JsonObject {
  const parts = Object.entries(alarm).map(([name, value]) => [
    name,
    name.endsWith("Timestamp") ? instantOf(value, 1000) : value,
  ]);
  return { type, ...Object.fromEntries(parts) };
}

export const alarmMethods: readonly PluginMethod[] = [describeAlarms, setAlarmState];
