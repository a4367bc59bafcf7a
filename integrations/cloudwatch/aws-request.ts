/** Requests to CloudWatch and CloudWatch Logs in AWS's JSON protocol, and who signs them. */
import { AwsV4Signer } from "aws4fetch";
import type { BrokeredCredential } from "../../schemas/credential-grant.ts";
import { DomainError } from "../../schemas/errors.ts";
import type { EndpointConfig, VendorRequest } from "../plugin.ts";
import { checkedHeaderValue, secretValue } from "../requests/authorization-header.ts";
import { jsonRequest } from "../requests/json-messages.ts";
import { vendorUrl } from "../requests/vendor-url.ts";

/** Two services behind one connector: AWS keeps metrics and alarms apart from logs. */
const SERVICES = {
  monitoring: { target: "GraniteServiceVersion20100801", version: "1.0" },
  logs: { target: "Logs_20140328", version: "1.1" },
} as const;
type Service = keyof typeof SERVICES;

export function awsRequest(
  service: Service,
  action: string,
  config: EndpointConfig,
  body: unknown,
): VendorRequest {
  const { target, version } = SERVICES[service];
  return jsonRequest("POST", vendorUrl(serviceUrl(service, config), "/", {}), body, {
    "content-type": `application/x-amz-json-${version}`,
    "x-amz-target": `${target}.${action}`,
  });
}

/**
 * The request with a signature of version 4. Throws `AUTH_ERROR`, showing nothing, for a credential
 * that no header carries.
 */
export async function signed(
  request: VendorRequest,
  { secret }: BrokeredCredential,
  config: EndpointConfig,
): Promise<VendorRequest> {
  const isLogs = request.headers["x-amz-target"]?.startsWith(SERVICES.logs.target);
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    headers: request.headers,
    body: String(request.body ?? ""),
    accessKeyId: checkedHeaderValue(secretValue(secret, "accessKeyId")),
    secretAccessKey: secretValue(secret, "secretAccessKey"),
    ...(secret.sessionToken && { sessionToken: checkedHeaderValue(secret.sessionToken) }),
    service: isLogs ? "logs" : "monitoring",
    region: regionOf(config),
  });

  const { headers } = await signer.sign();
  return { ...request, headers: Object.fromEntries(headers) };
}

function serviceUrl(service: Service, config: EndpointConfig): string {
  const { endpointUrl } = config;
  if (endpointUrl !== undefined && endpointUrl !== null) return String(endpointUrl);

  const region = regionOf(config);
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://${service}.${region}.${domain}`;
}

function regionOf({ region }: EndpointConfig): string {
  if (/^[a-z]{2}(-[a-z]{2,12}){1,3}-\d{1,2}$/.test(String(region))) return String(region);
  throw new DomainError(
    "CONFIG_INVALID",
    "The endpoint's `region` is no AWS region. Correct the endpoint's config.",
  );
}
