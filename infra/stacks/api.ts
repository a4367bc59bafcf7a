import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  HttpApi,
  type HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import {
  HttpLambdaAuthorizer,
  HttpLambdaResponseType,
} from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { FilterPattern, LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import routes from "../../schemas/json/routes.json" with { type: "json" };
import { METRIC } from "../../schemas/names.ts";
import { areas } from "../areas.ts";
import { callsDashboard } from "../constructs/calls-dashboard.ts";
import { InletFunction } from "../constructs/inlet-function.ts";
import { accept } from "../constructs/reasons.ts";
import { references } from "../constructs/references.ts";
import { ownMetric, watch } from "../constructs/watch.ts";
import type { Environment } from "../environments.ts";
import type { DataStack } from "./data.ts";
import type { Oidc } from "./identity.ts";

const PUBLIC =
  "Liveness and the API's description are for everybody; the OAuth callback is for browsers that " +
  "come from a vendor, and acts for nobody but who began.";

/**
 * 500 and 503, which no vendor's failure is answered with, and what no function answered. The
 * gateway's own metric of 5xx counts the 502 and 504 of vendors, too.
 */
const OUR_ERRORS =
  '{ ($.status = "500") || ($.status = "503") || ' +
  '(($.status = "5*") && ($.integrationStatus = "-")) }';

export interface ApiStackProps extends StackProps {
  readonly settings: Environment;
  readonly data: DataStack;
  readonly oidc: Oidc;
  readonly alarmTopic: ITopic;
}

/** The HTTP API: every operation's route, one Lambda per area, and the authorizer in front. */
export class ApiStack extends Stack {
  private readonly props: ApiStackProps;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    this.props = props;
    const api = new HttpApi(this, "Api", {
      createDefaultStage: false,
      apiName: `inlet-${props.settings.name}`,
    });
    this.addStage(api);
    // The emulator draws no figures.
    if (props.settings.name !== "local") callsDashboard(this, `inlet-${props.settings.name}-calls`);
    this.addRoutes(api);
    new CfnOutput(this, "ApiUrl", { value: api.apiEndpoint });
    new CfnOutput(this, "ApiId", { value: api.apiId });
  }

  private addStage(api: HttpApi): void {
    const { settings } = this.props;
    const logs = new LogGroup(this, "AccessLogs", {
      retention: settings.logDays,
      removalPolicy: settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.watchGateway(logs);

    new HttpStage(this, "Stage", {
      httpApi: api,
      stageName: "$default",
      autoDeploy: true,
      throttle: { rateLimit: settings.throttle.ratePerSecond, burstLimit: settings.throttle.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logs),
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: "$context.requestId",
            time: "$context.requestTime",
            route: "$context.routeKey",
            status: "$context.status",
            integrationStatus: "$context.integrationStatus",
            latencyMillis: "$context.responseLatency",
            bytes: "$context.responseLength",
            authorizerError: "$context.authorizer.error",
          }),
        ),
      },
    });
  }

  /**
   * What the gateway answered by itself: a function never saw it, so that its own figures cannot
   * tell.
   */
  private watchGateway(accessLogs: LogGroup): void {
    const { alarmTopic: topic } = this.props;
    new MetricFilter(this, "GatewayErrors", {
      logGroup: accessLogs,
      filterPattern: FilterPattern.literal(OUR_ERRORS),
      metricNamespace: METRIC.namespace,
      metricName: METRIC.gatewayErrors,
      metricValue: "1",
    });
    watch(this, "GatewayFailed", {
      metric: ownMetric(METRIC.gatewayErrors, {}),
      threshold: 0,
      says:
        "The API answered 500 or 503, or 5xx without asking a function: read the access log and " +
        "the log of the area's function.",
      topic,
    });

    new MetricFilter(this, "GatewayThrottles", {
      logGroup: accessLogs,
      filterPattern: FilterPattern.literal('{ ($.status = "429") && ($.integrationStatus = "-") }'),
      metricNamespace: METRIC.namespace,
      metricName: METRIC.gatewayThrottles,
      metricValue: "1",
    });

    watch(this, "GatewayThrottled", {
      metric: ownMetric(METRIC.gatewayThrottles, {}),
      threshold: 0,
      says:
        "The gateway turned requests away: raise `throttle` of the environment, or find who " +
        "sends so many.",
      topic,
    });
  }

  private addRoutes(api: HttpApi): void {
    const { settings, data } = this.props;
    const authorizer = this.authorizer();
    const integrations = new Map<string, HttpLambdaIntegration>();
    for (const [area, described] of Object.entries(
      areas(settings, references(this, data), this.urlOf(api)),
    )) {
      integrations.set(area, this.integration(area, described));
    }

    for (const { method, path, area, public: open } of routes) {
      const integration = integrations.get(area);
      if (!integration)
        throw new Error(
          `${method} ${path} is of the area ${area}, which infra/areas.ts does not have.`,
        );
      const [route] = api.addRoutes({
        path,
        methods: [method as HttpMethod],
        integration,
        authorizer: open ? new HttpNoneAuthorizer() : authorizer,
      });
      if (open && route) accept(route, { APIG4: PUBLIC });
    }

    this.addDefault(api, integrations.get("operations"));
  }

  /** As people's browsers reach it. */
  private urlOf(api: HttpApi): string {
    const { settings } = this.props;
    if (settings.name !== "local") return settings.apiUrl ?? api.apiEndpoint;
    // By path: `<id>.execute-api.localhost` resolves on few machines (local/stack.ts).
    const emulator = this.node.getContext("s3EndpointUrl");
    return `${emulator}/_aws/execute-api/${api.apiId}/$default`;
  }

  /**
   * Whatever is no route is answered by us, with a problem document: 404, or 405 and the methods
   * that the path knows.
   */
  private addDefault(httpApi: HttpApi, integration?: HttpLambdaIntegration): void {
    if (!integration) throw new Error("infra/areas.ts has no area operations.");
    const authorizer = new HttpNoneAuthorizer();
    const route = new HttpRoute(this, "Default", {
      httpApi,
      integration,
      authorizer,
      routeKey: HttpRouteKey.DEFAULT,
    });
    accept(route, { APIG4: "It serves nothing: it says that there is no such route." });
  }

  private integration(
    area: string,
    described: ReturnType<typeof areas>[string],
  ): HttpLambdaIntegration {
    const { settings, alarmTopic } = this.props;
    const inlet = new InletFunction(this, area, {
      ...described,
      settings,
      alarmTopic,
      timeoutSeconds: 29,
    });

    watch(inlet, "Answered5xx", {
      metric: ownMetric(METRIC.apiRequests, { [METRIC.area]: area, [METRIC.outcome]: "5xx" }),
      threshold: 0,
      says: `${area} answered 5xx: its log says what it did not expect.`,
      topic: alarmTopic,
    });

    return new HttpLambdaIntegration(`${area}-integration`, inlet.function, {
      scopePermissionToRoute: false,
    });
  }

  private authorizer(): HttpLambdaAuthorizer {
    const { settings, oidc, alarmTopic } = this.props;
    const inlet = new InletFunction(this, "authorizer", {
      settings,
      entry: "functions/authorizer/handler.ts",
      variables: {
        oidcIssuer: oidc.issuer,
        oidcAudience: oidc.audience,
        oidcJwksUri: oidc.jwksUri,
      },
      permissions: [],
      timeoutSeconds: 10,
      alarmTopic,
    });

    return new HttpLambdaAuthorizer("identity", inlet.function, {
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: ["$request.header.Authorization"],
      resultsCacheTtl: Duration.seconds(60),
    });
  }
}
