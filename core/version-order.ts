/** Semantic versions, newest first when sorted with `newestFirst`. */
export function newestFirst(a: string, b: string): number {
  const [x, y] = [parts(a), parts(b)];
  return y[0] - x[0] || y[1] - x[1] || y[2] - x[2];
}

/**
 * The newest of the versions with the same major: what an endpoint that pins a major runs
 * (decision 10).
 */
export function newestOfMajor(versions: readonly string[], pinned: string): string | undefined {
  return versions.filter((version) => parts(version)[0] === parts(pinned)[0]).sort(newestFirst)[0];
}

/** The part of a version whose change breaks what was before. */
export const majorOf = (version: string): number => parts(version)[0];

function parts(version: string): [number, number, number] {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  return [major, minor, patch];
}
