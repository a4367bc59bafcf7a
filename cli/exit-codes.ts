/** What scripts branch on. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  auth: 3,
  notFound: 4,
  conflict: 5,
  notComplete: 6,
  server: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_STATUS: Readonly<Record<number, ExitCode>> = {
  401: EXIT.auth,
  403: EXIT.auth,
  404: EXIT.notFound,
  409: EXIT.conflict,
  412: EXIT.conflict,
  428: EXIT.conflict,
  429: EXIT.server,
};

/** Of an answer that is not 2xx: what the caller sent (2), or one of the named reasons. */
export function exitCodeOf(status: number): ExitCode {
  return BY_STATUS[status] ?? (status >= 400 && status < 500 ? EXIT.usage : EXIT.server);
}
