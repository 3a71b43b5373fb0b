/** API Gateway by itself on loopback, over a function that the test plays, and with a clock that the test sets. */
import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { request as httpRequest, createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { FrontApiGateway } from "../../emulator/apigateway/front.ts";
import type { LambdaEnd } from "../../emulator/apigateway/lambda.ts";
import { readCall, refusal, send } from "../../emulator/http.ts";
import type { Metric } from "../../emulator/cloudwatch/metrics.ts";

export const ACCOUNT = "123456789012";
export const REGION = "eu-west-1";
export const FUNCTION_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:orders:live`;
export const URI = `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${FUNCTION_ARN}/invocations`;

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
  readonly json: Record<string, unknown>;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer;
}

/** An event as a function is given it. */
export type Event = Record<string, unknown>;

export class Gateway implements AsyncDisposable {
  readonly rest: APIGatewayClient;
  readonly http: ApiGatewayV2Client;
  readonly url: string;
  /** Milliseconds since 1970; stands still unless the test moves it. */
  nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
  /** What the function answers; the last event is kept. */
  handler: (event: Event) => Promise<LambdaEnd> | LambdaEnd = () =>
    answered({ statusCode: 200, body: "{}" });
  /** Policy of the function; by default it lets every API of the account in. */
  policy = policyFor(`arn:aws:execute-api:${REGION}:${ACCOUNT}:*/*/*`);
  /** Trust policies of the account's roles. */
  roles: Readonly<Record<string, string>> = { logs: trustFor("apigateway.amazonaws.com") };
  readonly events: Event[] = [];
  readonly waits: number[] = [];
  /** Whether time-outs are over at once. */
  impatient = false;
  readonly metrics: (Metric & { readonly value: number })[] = [];
  readonly logs: { readonly group: string; readonly message: string }[] = [];
  readonly #server;

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = {
      endpoint: this.url,
      region: REGION,
      credentials: { accessKeyId: ACCOUNT, secretAccessKey: "local" },
      maxAttempts: 1,
    };
    this.rest = new APIGatewayClient(client);
    this.http = new ApiGatewayV2Client(client);
  }

  static async start(): Promise<Gateway> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const gateway = new Gateway(server);
    gateway.#listen();
    return gateway;
  }

  #listen(): void {
    const front = new FrontApiGateway({
      accountId: ACCOUNT,
      region: REGION,
      partition: "aws",
      nowMs: () => this.nowMs,
      record: (metric, value) => this.metrics.push({ ...metric, value }),
      writeLog: (group, message) => this.logs.push({ group, message }),
      trustOf: (roleName) => Promise.resolve(this.roles[roleName] ?? ""),
      lambda: {
        invoke: async (_target, event) => {
          this.events.push(JSON.parse(event) as Event);
          return this.handler(JSON.parse(event) as Event);
        },
        policyOf: () => Promise.resolve(this.policy),
        wait: (ms) => {
          this.waits.push(ms);
          return this.impatient ? Promise.resolve() : new Promise(() => {});
        },
      },
    });
    this.#server.on("request", (incoming, response) => {
      void readCall(incoming)
        .then((call) => front.answer(call).catch(refusal))
        .then((answer) => send(response, answer ?? { status: 418, body: {} }, this.nowMs));
    });
  }

  /** Sends a request without what a browser or `fetch` would add or leave out. */
  ask(path: string, { method = "GET", headers = {}, body }: Asked = {}): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        this.url + path,
        { method, headers: headers as Record<string, string | string[]> },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("end", () => {
            const bytes = Buffer.concat(chunks);
            const text = bytes.toString();
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              text,
              bytes,
              get json() {
                return JSON.parse(text) as Record<string, unknown>;
              },
            });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.rest.destroy();
    this.http.destroy();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }
}

export const trustFor = (Service: string): string =>
  JSON.stringify({
    Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
  });

/** What a function returns. */
export const answered = (answer: unknown): LambdaEnd => ({
  failed: false,
  payload: JSON.stringify(answer),
});

/** A policy of the function that lets API Gateway in for requests of this ARN. */
export const policyFor = (sourceArn: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "apigateway.amazonaws.com" },
        Action: "lambda:InvokeFunction",
        Resource: FUNCTION_ARN,
        Condition: { ArnLike: { "AWS:SourceArn": sourceArn } },
      },
    ],
  });

/** The extension that sends a method to the function. */
export const toFunction = (more: object = {}): object => ({
  "x-amazon-apigateway-integration": {
    type: "aws_proxy",
    httpMethod: "POST",
    uri: URI,
    passthroughBehavior: "when_no_match",
    ...more,
  },
});

/** An OpenAPI document of such paths. */
export const document = (paths: object, more: object = {}): object => ({
  openapi: "3.0.1",
  info: { title: "orders", version: "1.0" },
  paths,
  ...more,
});

/** Gives each test of the enclosing suite a gateway of its own. */
export function useGateway(): () => Gateway {
  let gateway: Gateway | undefined;
  beforeEach(async () => {
    gateway = await Gateway.start();
  });
  afterEach(async () => {
    await gateway?.[Symbol.asyncDispose]();
  });
  return () => {
    if (!gateway) throw new Error("the gateway is there only within tests");
    return gateway;
  };
}
