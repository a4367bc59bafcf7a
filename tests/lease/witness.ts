/**
 * Sees each transaction on a unit at the moment that the table takes it, and holds it against the
 * laws. Sends come one at a time, in an order that a test draws, so that what is seen is the order
 * in which it happened.
 */
import {
  DeleteCommand,
  PutCommand,
  ScanCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import type { Tables } from "../../adapters/dynamodb/client.ts";
import { tenantPk } from "../../adapters/dynamodb/keys.ts";

type Item = Record<string, unknown>;
type Send = (command: unknown) => Promise<unknown>;

/** A sink with a memory of its own, which no restore of our tables takes back. */
export class Sink {
  fence = 0;
  readonly commits = new Map<string, { readonly position: number; readonly epoch: number }>();

  /** Refuses whoever was outranked; again with the same commit it changes nothing. */
  commit(epoch: number, commitId: string, position: number): void {
    this.ask(epoch, commitId);
    if (!this.commits.has(commitId)) this.commits.set(commitId, { position, epoch });
  }

  ask(epoch: number, commitId: string): boolean {
    if (epoch < this.fence) throw new Error("FENCED by the sink");
    this.fence = epoch;
    return this.commits.has(commitId);
  }
}

export class Witness {
  readonly faults: string[] = [];
  /**
   * How often a unit was taken, a checkpoint published, a table restored: that a drawn walk went
   * anywhere.
   */
  readonly seen = { taken: 0, published: 0, restored: 0 };
  private readonly tables: Tables;
  private readonly tenantId: string;
  private readonly sink: Sink;
  private owner: { runId: string; epoch: number } | undefined;
  private highestEpoch = 0;
  private position = 0;
  private kept: Item[] = [];

  constructor(tables: Tables, tenantId: string, sink: Sink) {
    Object.assign(this, { tables, tenantId, sink });
    [this.tables, this.tenantId, this.sink] = [tables, tenantId, sink];
  }

  /** The tables as one process has them: each send waits until it is its turn. */
  watched(inTurn: (send: Send) => Send): Tables {
    const { client } = this.tables;
    const send = inTurn(async (command) => {
      const answer = await (client.send as Send).call(client, command);
      if (command instanceof TransactWriteCommand) this.look(command);
      return answer;
    });
    const proxied = new Proxy(client, {
      get: (_, name) => (name === "send" ? send : Reflect.get(client, name)),
    });
    return { ...this.tables, client: proxied };
  }

  private look({ input }: TransactWriteCommand): void {
    const written = (input.TransactItems ?? []).flatMap(({ Put }) =>
      Put?.Item ? [Put.Item as Item] : [],
    );
    for (const item of written) if (String(item.sk).startsWith("CHECKPOINT#")) this.published(item);
    for (const item of written) if (item.entity === "unit-state") this.moved(item);
  }

  /**
   * A new owner outranks all before it, in the table and in the sink's memory, whatever was
   * restored.
   */
  private moved({ lease, epoch }: Item): void {
    const { state, runId = "" } = lease as { state: string; runId?: string };
    const was = this.owner;
    this.owner = state === "FREE" ? undefined : { runId, epoch: Number(epoch) };
    const isTaken = this.owner !== undefined && this.owner.runId !== was?.runId;
    if (isTaken) {
      this.seen.taken++;
      if (was) this.faults.push(`${runId} took the unit from ${was.runId}, which had it`);
      if (Number(epoch) <= Math.max(this.highestEpoch, this.sink.fence))
        this.faults.push(`${runId} outranks nobody`);
    }
    this.highestEpoch = Math.max(this.highestEpoch, Number(epoch));
  }

  /** Only the owner publishes, only what the sink has, and never a step back. */
  private published({ epoch, position, lastRunId }: Item): void {
    this.seen.published++;
    if (this.owner?.epoch !== epoch)
      this.faults.push(`${lastRunId} published under ${epoch}, not the owner's epoch`);
    const commits = [...this.sink.commits].filter(([id]) => id.startsWith(`${lastRunId}/`));
    if (!commits.some(([, commit]) => commit.position === position))
      this.faults.push(`${position} was never committed`);
    if (Number(position) < this.position)
      this.faults.push(`the checkpoint went back to ${position}`);
    this.position = Number(position);
  }

  /** Remembers the tenant's items as they are. */
  async keep(): Promise<void> {
    this.kept = await this.items();
  }

  /** Puts the remembered items back, as a restore to an earlier point in time does. */
  async restore(): Promise<void> {
    const { client, control: TableName } = this.tables;
    for (const { pk, sk } of await this.items())
      await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
    for (const Item of this.kept) await client.send(new PutCommand({ TableName, Item }));
    const of = (start: string) => this.kept.find(({ sk }) => String(sk).startsWith(start));
    const lease = of("STATE#")?.lease as { state: string; runId: string } | undefined;
    const isOwned = lease !== undefined && lease.state !== "FREE";
    this.owner = isOwned ? { runId: lease.runId, epoch: Number(of("STATE#")?.epoch) } : undefined;
    this.position = Number(of("CHECKPOINT#")?.position ?? 0);
    this.seen.restored++;
  }

  private async items(): Promise<Item[]> {
    const { client, control: TableName } = this.tables;
    const { Items = [] } = await client.send(
      new ScanCommand({
        TableName,
        FilterExpression: "begins_with(pk, :tenant)",
        ExpressionAttributeValues: { ":tenant": `${tenantPk(this.tenantId)}#` },
        ConsistentRead: true,
      }),
    );
    return Items;
  }
}
