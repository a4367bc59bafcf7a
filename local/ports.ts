import { connect } from "node:net";

export interface Ports {
  readonly emulator: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly sandbox: number;
}

const DEFAULTS: Ports = { emulator: 4566, temporal: 7233, temporalUi: 8233, sandbox: 8181 };

/** The fixed ports, or four in a row from `INLET_PORT_BASE`. */
export function chosenPorts(base = process.env.INLET_PORT_BASE): Ports {
  if (base === undefined || base === "") return DEFAULTS;
  const first = Number(base);
  if (!Number.isInteger(first) || first < 1024 || first > 65_000) {
    throw new Error(`INLET_PORT_BASE must be a whole number from 1024 to 65000, not "${base}".`);
  }
  return { emulator: first, temporal: first + 1, temporalUi: first + 2, sandbox: first + 3 };
}

/** Throws, naming every taken port and the remedy, unless all are free. */
export async function requireFree(ports: Partial<Ports>): Promise<void> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports))
    if (await isTaken(port)) taken.push(`${port} (${name})`);
  if (taken.length === 0) return;
  throw new Error(
    `Another program listens on port ${taken.join(" and ")}. ` +
      "Stop it (see which with `ss -ltnp`), " +
      "or choose four other ports in a row: INLET_PORT_BASE=14566 npm start",
  );
}

export function isTaken(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => answer(true)).once("error", () => answer(false));
    socket.once("close", () => socket.destroy());
    socket.on("connect", () => socket.end());
  });
}
