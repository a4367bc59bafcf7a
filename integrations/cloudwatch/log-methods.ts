/** Methods about logs. */
import type { Params, PluginMethod, VendorAnswer } from "../plugin.ts";
import { isObject, type JsonObject, listOf, objectOf } from "../requests/json-messages.ts";
import { instant, integer, list, pageSchema, paramsOf, text } from "../requests/param-schemas.ts";
import { unfit } from "../requests/vendor-url.ts";
import { awsRequest } from "./aws-request.ts";
import { TOKEN } from "./method-parts.ts";
import { instantOf, milliseconds } from "./times.ts";

const STREAM = { maxLength: 512, examples: ["api/1"] };

const filterLogEvents: PluginMethod = {
  method: {
    name: "filterLogEvents",
    title: "Filter log events",
    description:
      "Searches log events (lines) of a log group by a pattern and a time, for example errors of " +
      "the last hour. A page may be empty and have another behind it.",
    resource: "log_event",
    paramSchema: paramsOf({
      logGroup: text("Name of the log group; of another account its ARN.", {
        maxLength: 2048,
        examples: ["/aws/lambda/orders"],
      }),
      "streams?": list("Names of log streams. Default: all.", text("A name.", STREAM), 100),
      "streamPrefix?": text("What names of log streams begin with, instead of `streams`.", STREAM),
      "startTime?": instant("The first time."),
      "endTime?": instant("The last time."),
      "filterPattern?": text("AWS's filter pattern: terms, or a pattern over JSON.", {
        maxLength: 1024,
        examples: ["ERROR", "{ $.status = 500 }"],
      }),
      "limit?": integer("Events a page. AWS may give fewer.", 1, 10_000),
      "nextToken?": TOKEN,
    }),
    responseSchema: pageSchema("Events: `eventId`, `time`, `ingestedAt`, `stream`, `message`."),
    safe: true,
    idempotent: true,
    scopes: ["logs:FilterLogEvents"],
  },
  request: (params, { config }) =>
    awsRequest("logs", "FilterLogEvents", config, eventQuery(params)),
  data: eventPage,
};

function eventQuery(params: Params) {
  const { logGroup, streams, streamPrefix, startTime, endTime } = params;
  if (streams !== undefined && streamPrefix !== undefined)
    throw unfit("streamPrefix", "is instead of `streams`. Keep one");
  const isArn = String(logGroup).startsWith("arn:");

  return {
    [isArn ? "logGroupIdentifier" : "logGroupName"]: logGroup,
    logStreamNames: streams,
    logStreamNamePrefix: streamPrefix,
    startTime: startTime === undefined ? undefined : milliseconds("startTime", startTime),
    endTime: endTime === undefined ? undefined : milliseconds("endTime", endTime),
    filterPattern: params.filterPattern,
    limit: params.limit,
    nextToken: params.nextToken,
  };
}

/** Only a page without a token is the last, however little is in it. */
function eventPage(answer: VendorAnswer) {
  const { nextToken } = objectOf(answer);
  return {
    items: listOf(answer, "events").filter(isObject).map(shown),
    nextPage: typeof nextToken === "string" ? { nextToken } : null,
  };
}

function shown({ eventId, timestamp, ingestionTime, logStreamName, message }: JsonObject) {
  return {
    eventId: eventId ?? null,
    time: instantOf(timestamp, 1),
    ingestedAt: instantOf(ingestionTime, 1),
    stream: logStreamName ?? null,
    message: message ?? null,
  };
}

export const logMethods: readonly PluginMethod[] = [filterLogEvents];
