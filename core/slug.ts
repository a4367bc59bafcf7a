/**
 * The lower-case name that an endpoint's landed tables get: letters, digits and underscores, at
 * most 63, a letter first.
 */
export function slugOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
  const lettered = /^[a-z]/.test(plain) ? plain : `e_${plain}`;
  return lettered.slice(0, 63).replace(/_+$/, "");
}
