import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { expect, it } from "vitest";
import { testTables } from "../../tests/stage/emulator.ts";
import { publish } from "./handler.ts";

const anEvent = (eventId: string) => ({
  entity: "event",
  eventId,
  tenantId: "t1",
  occurredAt: "2026-01-01T00:00:00.000Z",
  type: "integration.run.started",
  data: { runId: "run_1", endpointId: "ep", unitId: "jira.issues" },
});

function inserted(item: Record<string, unknown>): DynamoDBRecord {
  const NewImage = marshall({
    pk: "T#t1#EVENTS#2026-01-01",
    sk: "EVENT#1",
    ttl: 1,
    ...item,
  }) as never;
  return {
    eventName: "INSERT",
    dynamodb: { SequenceNumber: String(item.eventId ?? "0"), NewImage },
  };
}

/**
 * The emulator's SQS, over its JSON protocol: a queue is the simplest witness of what a bus
 * delivers.
 */
async function sqs(action: string, body: object): Promise<Record<string, never>> {
  const answer = await fetch(process.env.AWS_ENDPOINT_URL ?? "", {
    method: "POST",
    headers: {
      "x-amz-target": `AmazonSQS.${action}`,
      "content-type": "application/x-amz-json-1.0",
      authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/sqs/aws4_request",
    },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Record<string, never>;
}

it("publishes the events of a batch in tens, and nothing else", async () => {
  const client = new EventBridgeClient({});
  const { QueueUrl } = await sqs("CreateQueue", { QueueName: "witness" });
  const asked = { QueueUrl, AttributeNames: ["QueueArn"] };
  const { Attributes } = (await sqs("GetQueueAttributes", asked)) as unknown as {
    Attributes: { QueueArn: string };
  };
  await client.send(
    new PutRuleCommand({ Name: "all", EventPattern: JSON.stringify({ source: ["inlet"] }) }),
  );
  await client.send(
    new PutTargetsCommand({ Rule: "all", Targets: [{ Id: "q", Arn: Attributes.QueueArn }] }),
  );

  const audit = inserted({ entity: "audit", auditId: "aud_1" });
  const expired = { ...inserted(anEvent("evt_old")), eventName: "REMOVE" } as const;
  const events = Array.from({ length: 12 }, (_, n) => inserted(anEvent(`evt_${n}`)));
  const bus = { client, name: "default" };
  const answer = await publish(
    { Records: [audit, ...events, expired] },
    { bus, tables: await testTables() },
  );
  expect(answer).toEqual({ batchItemFailures: [] });

  const received: { detail: { eventId: string }; "detail-type": string }[] = [];
  while (received.length < 12) {
    const { Messages = [] } = (await sqs("ReceiveMessage", {
      QueueUrl,
      MaxNumberOfMessages: 10,
    })) as {
      Messages?: { Body: string }[];
    };
    received.push(...Messages.map(({ Body }) => JSON.parse(Body)));
  }
  expect(received.map((one) => one.detail.eventId).sort()).toEqual(
    events.map((_, n) => `evt_${n}`).sort(),
  );
  expect(received[0]).toMatchObject({ source: "inlet", "detail-type": "integration.run.started" });
  expect(received[0]?.detail).not.toHaveProperty("pk");
});
