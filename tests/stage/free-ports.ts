import { createServer } from "node:net";

const FIRST = 21_000;
/** Below the ports that the system gives away by itself. */
const LAST = 31_000;

/** A port of loopback that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** The first of `count` neighbouring ports of loopback that nobody listens on. */
export async function freePortBase(count: number): Promise<number> {
  const start = FIRST + (process.pid % 1000) * count;
  for (let base = start; base + count <= LAST; base += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(base + i)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(
    `No ${count} neighbouring ports are free between ${start} and ${LAST}. Stop something.`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const server = createServer();
    server.once("error", () => answer(false));
    server.listen(port, "127.0.0.1", () => server.close(() => answer(true)));
  });
}
