import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { call, dataOf, itemsOf, type VendorSubject } from "../vendor-under-test.ts";
import { awsRequest, signed } from "./aws-request.ts";
import { cloudwatch } from "./plugin.ts";

const REGION = "us-east-1";
const KEYS = { accessKeyId: "test", secretAccessKey: "test-secret" };
const credential = {
  authType: "awsKeys",
  secret: KEYS,
  version: "1",
  expiresAt: null,
  scopes: null,
};
const at = (endpointUrl: string): VendorSubject => ({
  plugin: cloudwatch,
  config: { region: REGION, endpointUrl },
  credential,
});

describe("the emulator", () => {
  const subject = at(process.env.AWS_ENDPOINT_URL ?? "");
  const name = "shop-orders";
  const now = Date.now();
  const minutesAgo = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

  beforeAll(async () => {
    const alarm = { ComparisonOperator: "GreaterThanThreshold", EvaluationPeriods: 1 };
    const metric = { Namespace: "Shop", MetricName: "Orders", Period: 60, Statistic: "Sum" };
    for (const number of [1, 2, 3]) {
      const AlarmName = `${name}-${number}`;
      await ask("monitoring", "PutMetricAlarm", { AlarmName, Threshold: 5, ...alarm, ...metric });
    }
    await ask("logs", "CreateLogGroup", { logGroupName: "/shop" });
    await ask("logs", "CreateLogStream", { logGroupName: "/shop", logStreamName: "a" });
    const logEvents = [1, 2, 3].map((number) => ({
      timestamp: now - 60_000 + number,
      message: number === 2 ? "ERROR of order 2" : `order ${number}`,
    }));
    await ask("logs", "PutLogEvents", { logGroupName: "/shop", logStreamName: "a", logEvents });
  });

  async function ask(service: "monitoring" | "logs", action: string, body: object) {
    const request = awsRequest(service, action, subject.config, body);
    const { url, headers, body: sent } = await signed(request, credential, subject.config);
    const answer = await fetch(url, { method: "POST", headers, body: sent as string });
    expect(answer.status).toBe(200);
  }

  test("keeps values of metrics that are put, and gives them back", async () => {
    const dimensions = { Shop: "north" };
    const data = [1, 2].map((minutes) => ({
      metric: "Orders",
      value: minutes * 10,
      dimensions,
      time: minutesAgo(minutes),
      unit: "Count",
    }));
    await dataOf(subject, "putMetricData", { namespace: "Shop", data });

    const [series] = await itemsOf<{ points: { time: string; value: number }[] }>(
      subject,
      "getMetricData",
      {
        queries: [
          {
            id: "orders",
            namespace: "Shop",
            metric: "Orders",
            dimensions,
            stat: "Sum",
            periodSeconds: 60,
          },
        ],
        startTime: minutesAgo(10),
        endTime: minutesAgo(-1),
      },
    );
    expect(series).toMatchObject({ id: "orders", isPartial: false });
    expect(series?.points.map(({ value }) => value).toSorted()).toEqual([10, 20]);
    for (const { time } of series?.points ?? []) expect(time).toMatch(/^\d{4}-.*:00\.000Z$/);
  });

  test("lists alarms to the end", async () => {
    const found = await itemsOf<{ AlarmName: string; type: string }>(subject, "describeAlarms", {
      prefix: name,
      limit: 1,
    });
    expect(found.map(({ AlarmName }) => AlarmName)).toEqual([1, 2, 3].map((n) => `${name}-${n}`));
    expect(found[0]?.type).toBe("MetricAlarm");
  });

  test("sets an alarm's state", async () => {
    const set = { name: `${name}-2`, state: "ALARM", reason: "Tried by hand" };
    expect(await dataOf(subject, "setAlarmState", set)).toBeNull();

    const [alarm] = await itemsOf(subject, "describeAlarms", { names: [set.name] });
    expect(alarm).toMatchObject({ StateValue: "ALARM", StateReason: "Tried by hand" });
    expect(alarm?.StateUpdatedTimestamp).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test("says that an alarm is not there", async () => {
    const set = { name: "nobody", state: "OK", reason: "x" };
    const { refusal } = await call(subject, "setAlarmState", set);
    expect(refusal).toMatchObject({ kind: "NOT_FOUND", notDone: true });
  });

  test("filters log events", async () => {
    const asked = { logGroup: "/shop", startTime: minutesAgo(5), filterPattern: "ERROR" };
    expect(await itemsOf(subject, "filterLogEvents", asked)).toEqual([
      expect.objectContaining({ stream: "a", message: "ERROR of order 2" }),
    ]);
  });
});

/** Where the emulators fall short: tokens, empty pages, partial data, throttling. */
describe("answers as AWS gives them", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  afterAll(() => server?.closeAllConnections());

  /** Answers one after the other; the last one for ever. */
  async function answering(...answers: readonly (readonly [number, object])[]) {
    const asked: { target: string; authorization: string; body: Record<string, unknown> }[] = [];
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { authorization = "", "x-amz-target": target } = request.headers;
      const body = JSON.parse(Buffer.concat(chunks).toString());
      asked.push({ target: String(target), authorization, body });

      const [status, said] = answers[Math.min(asked.length, answers.length) - 1] ?? [500, {}];
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(said));
    });
    await new Promise<void>((listening) => server?.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    return { subject: at(`http://127.0.0.1:${port}`), asked };
  }

  test("an empty page with a token is not the end", async () => {
    const event = { eventId: "1", timestamp: 0, logStreamName: "a", message: "x" };
    const { subject, asked } = await answering(
      [200, { events: [], nextToken: "t1" }],
      [200, { events: [event], nextToken: "t2" }],
      [200, { events: [] }],
    );

    const found = await itemsOf(subject, "filterLogEvents", { logGroup: "/shop" });
    expect(found).toMatchObject([{ eventId: "1", time: "1970-01-01T00:00:00.000Z" }]);
    expect(asked.map(({ body }) => body.nextToken)).toEqual([undefined, "t1", "t2"]);
  });

  test("a log group of another account is asked for by its ARN", async () => {
    const { subject, asked } = await answering([200, { events: [] }]);
    const logGroup = "arn:aws:logs:us-east-1:123456789012:log-group:/shop";
    await dataOf(subject, "filterLogEvents", { logGroup });
    expect(asked[0]?.body).toEqual({ logGroupIdentifier: logGroup });
  });

  test("a series that is partial says so", async () => {
    const result = {
      Id: "a",
      Label: "A",
      StatusCode: "PartialData",
      Timestamps: [60],
      Values: [1.5],
    };
    const { subject } = await answering([200, { MetricDataResults: [result], NextToken: "n" }]);
    const page = await dataOf(subject, "getMetricData", {
      queries: [{ id: "a", expression: "SUM(METRICS())" }],
      startTime: "2026-11-30T00:00:00Z",
      endTime: "2026-11-30T01:00:00Z",
    });

    expect(page).toEqual({
      items: [
        {
          id: "a",
          label: "A",
          isPartial: true,
          hasFailed: false,
          points: [{ time: "1970-01-01T00:01:00.000Z", value: 1.5 }],
        },
      ],
      nextPage: { nextToken: "n" },
    });
  });

  test("throttling is a 400, did nothing, and is asked for again", async () => {
    const throttled = { __type: "com.amazonaws.cloudwatch#ThrottlingException", message: "Rate" };
    const { subject, asked } = await answering([400, throttled], [200, {}]);
    const data = [{ metric: "Orders", value: 1 }];
    const outcome = await call(subject, "putMetricData", { namespace: "Shop", data });

    expect(outcome).toEqual({ attempts: 2, data: null });
    expect(asked.length).toBe(2);
  });

  test("after a failure of the service, values are not put again: they may be stored", async () => {
    const { subject, asked } = await answering([500, { __type: "InternalServiceFault" }]);
    const data = [{ metric: "Orders", value: 1 }];
    const outcome = await call(subject, "putMetricData", { namespace: "Shop", data });

    expect(outcome).toMatchObject({ attempts: 1, ended: "UNKNOWN" });
    expect(asked.length).toBe(1);
  });

  test.each([
    ["UnrecognizedClientException", 400, "AUTH"],
    ["com.amazonaws.logs#ExpiredTokenException", 400, "AUTH"],
    ["AccessDeniedException", 400, "FORBIDDEN"],
    ["ResourceNotFoundException", 400, "NOT_FOUND"],
    ["InvalidParameterValueException", 400, "INVALID"],
  ])("%s is told by its type", async (__type, status, kind) => {
    const { subject } = await answering([status, { __type, message: "no" }]);
    const { refusal } = await call(subject, "describeAlarms");
    expect(refusal).toMatchObject({ kind, notDone: true, vendorMessage: "no" });
  });

  test("each request is signed for its service and region", async () => {
    const { subject, asked } = await answering([200, { MetricAlarms: [], events: [] }]);
    await dataOf(subject, "describeAlarms");
    await dataOf(subject, "filterLogEvents", { logGroup: "/shop" });

    const scopes = asked.map(
      ({ authorization }) => /Credential=test\/\d{8}\/([^,]+), /.exec(authorization)?.[1],
    );
    expect(scopes).toEqual(["us-east-1/monitoring/aws4_request", "us-east-1/logs/aws4_request"]);
    for (const { authorization } of asked) expect(authorization).toMatch(/x-amz-target, Sig/);
  });

  test.each([
    ["values and a value", { value: 1, values: [1] }],
    ["no value", {}],
    ["more counts than values", { values: [1], counts: [1, 2] }],
  ])("a metric with %s is refused before it is sent", async (_, values) => {
    const data = [{ metric: "Orders", ...values }];
    const subject = at("http://127.0.0.1:1");
    const { failure } = await call(subject, "putMetricData", { namespace: "Shop", data });
    expect(failure).toMatchObject({ code: "VALIDATION_ERROR" });
  });
});
