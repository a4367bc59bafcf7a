/** A kind of credential: what calls need of it, and how that is obtained from the vendor. */

import type { VendorDeps } from "./deps.ts";
import type { OwnerEndpoint } from "./owner.ts";

/** What is stored, or sent to a vendor: all values are text. */
export type Secret = Readonly<Record<string, string>>;

/** What calls are sent with. */
export interface Given {
  readonly secret: Secret;
  readonly expiresAt: Date | null;
  /** Null: unknown. */
  readonly obtainedAt: Date | null;
  /** Null: unknown. */
  readonly scopes: readonly string[] | null;
}

export interface Obtained extends Given {
  readonly obtainedAt: Date;
  /** What must be stored in the place of what was: the vendor takes the old no more. */
  readonly replaces?: Secret;
}

export interface Kind {
  /** The stored part that calls need; undefined where it is obtained from the vendor first. */
  readonly given: (stored: Secret) => Given | undefined;
  /** Undefined where the vendor gives none but to a person. Throws `TokenRefused`. */
  readonly obtain?: (deps: VendorDeps, stored: Secret, of: OwnerEndpoint) => Promise<Obtained>;
  /** Whether obtaining may spend what is stored. */
  readonly spends: boolean;
}
