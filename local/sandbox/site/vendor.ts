import type { Answer, Route, Sandbox } from "./answer.ts";
import type { Truth } from "./truth.ts";

/** What a vendor's folder says of its site; `site/` serves it. */
export type Vendor<State> = {
  /** The state as it is at the start; made again by each reset. */
  generate: () => State;
  /** The sandbox as the account sees it, under whatever fault is set. */
  seenBy: (sandbox: Sandbox<State>) => Sandbox<State>;
  /** Paths of the API. The first group is the path by which `routes` are found. */
  api: RegExp;
  routes: readonly Route<State>[];
  /** An API that the vendor took away: how requests to it are counted and answered. */
  removed?: { addresses: RegExp; path: string; answer: () => Answer };
  /** Edits of the running site, under `/__control`. */
  edits: readonly Route<State>[];
  truth: Truth<State>;
  credentials: {
    /** The `Authorization` header of the one account. */
    authorization: string;
    /** Paths that are answered without it. */
    open: ReadonlySet<string>;
  };
  refusals: Refusals<State>;
};

/** How the vendor words what every API has to refuse. */
export type Refusals<State> = {
  error: (status: number, message: string) => Answer;
  unauthorized: () => Answer;
  notFound: (pathname: string) => Answer;
  tooMany: (waitSeconds: number, sandbox: Sandbox<State>) => Answer;
};
