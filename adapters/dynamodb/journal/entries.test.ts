import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { expect, it } from "vitest";
import { testTables } from "../../../tests/stage/emulator.ts";
import { transact } from "../table/transact.ts";
import { auditWrite } from "./entries.ts";

it("an audit entry is never written over one that is there, and carries no expiry", async () => {
  const tables = await testTables();
  const entry = {
    tenantId: "acme",
    at: "2026-11-30T10:00:00.000Z",
    actor: "user/u1",
    action: "sink.delete",
  };
  const write = auditWrite(tables, { ...entry, subject: "sink/snk_1", before: null, after: null });
  await transact(tables, [write]);
  const Item = { ...write.write.Put?.Item, actor: "user/forged" };
  const forged = { write: { Put: { ...write.write.Put, Item } } } as typeof write;
  await expect(transact(tables, [forged])).rejects.toMatchObject({ code: "CONFLICT" });

  const { pk, sk } = Item as never;
  const stored = await tables.client.send(
    new GetCommand({ TableName: tables.events, Key: { pk, sk } }),
  );
  expect(stored.Item).toMatchObject({ entity: "audit", actor: "user/u1" });
  expect(stored.Item).not.toHaveProperty("ttl");
});
