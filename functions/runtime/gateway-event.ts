import * as z from "zod";

/**
 * What we read of an API Gateway HTTP API event, payload 2.0. Anything may be missing: nothing
 * about an event is trusted.
 */
export const GatewayEvent = z.object({
  requestContext: z.object({
    requestId: z.string().max(200).catch("unknown"),
    http: z.object({ method: z.string(), path: z.string() }),
    authorizer: z
      .object({ lambda: z.record(z.string(), z.unknown()).nullish() })
      .nullish()
      .catch(null),
  }),
  headers: z.record(z.string(), z.string()).catch({}),
  cookies: z.array(z.string()).catch([]),
  pathParameters: z.record(z.string(), z.string()).catch({}),
  queryStringParameters: z.record(z.string(), z.string()).catch({}),
  body: z.string().nullish().catch(null),
  isBase64Encoded: z.boolean().catch(false),
});
export type GatewayEvent = z.infer<typeof GatewayEvent>;

export interface GatewayResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
