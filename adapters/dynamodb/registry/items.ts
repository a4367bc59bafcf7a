import * as z from "zod";
import { Connector } from "../../../schemas/connector.ts";
import type { Item } from "../client.ts";
import { keys } from "../keys.ts";

const shown = z.object(Connector.shape);

export const toConnector = (item: Item): Connector => shown.parse(item);

export const connectorItem = (connector: Connector): Item => ({
  ...keys.connector(connector.name, connector.version),
  entity: "connector",
  ...connector,
});
