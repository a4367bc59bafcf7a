/** A process that calls a vendor through the shared breaker, until it is told to end. */
import { admit, report } from "../../adapters/dynamodb/breakers.ts";
import { openTables } from "../../adapters/dynamodb/client.ts";
import { healthOfStatus } from "../../core/breaker.ts";
import { sendToVendor } from "../../integrations/vendor-http/send.ts";

const { tables: names, of, rules, port } = JSON.parse(process.argv[2] ?? "{}");
const tables = openTables(names);
const options = { rules: { allowPrivateNetworks: true }, timeoutMs: 5_000, maxBytes: 1_000 };

let isOver = false;
process.on("message", () => {
  isOver = true;
});

while (!isOver) {
  const asked = Date.now();
  const admission = await admit(tables, of, rules, new Date());
  if (admission.kind === "OPEN") {
    await new Promise((wake) => setTimeout(wake, 20));
    continue;
  }
  const isProbe = admission.kind === "PROBE";
  const headers = { "x-probe": isProbe ? "yes" : "no", "x-asked": String(asked) };
  const request = { method: "GET", url: `http://127.0.0.1:${port}/`, headers } as const;
  const { status } = await sendToVendor(request, options);
  const time = { now: new Date(), chance: Math.random() };
  const isOpen = await report(tables, of, rules, admission, healthOfStatus(status), time);
  if (isOpen) process.send?.({ opened: Date.now() });
}
process.disconnect();
