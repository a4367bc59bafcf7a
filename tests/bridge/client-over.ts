import { Client, type Connection } from "@temporalio/client";

/** A client whose every call to Temporal goes through `around(name, call)`. */
export function clientOver(
  connection: Connection,
  around: (call: () => Promise<unknown>) => Promise<unknown>,
): Client {
  const service = connection.workflowService;
  const workflowService = new Proxy(service, {
    get(_, name) {
      const value = Reflect.get(service, name);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]) => around(() => value.apply(service, parameters));
    },
  });

  const proxied = new Proxy(connection, {
    get(target, name) {
      if (name === "workflowService") return workflowService;
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

  return new Client({ connection: proxied });
}
