import * as z from "zod";
import { Sink } from "../../../schemas/sink.ts";
import type { Item } from "../client.ts";
import { keys } from "../keys.ts";

// Sinks that were stored before sinks were tested.
const shown = z.object({ ...Sink.shape, testedAt: Sink.shape.testedAt.default(null) });

export const toSink = (item: Item): Sink => shown.parse(item);

export const sinkItem = (sink: Sink): Item => ({
  ...keys.sink(sink.tenantId, sink.sinkId),
  entity: "sink",
  ...sink,
});
