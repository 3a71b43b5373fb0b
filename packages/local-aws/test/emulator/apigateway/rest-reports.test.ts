import {
  CreateBasePathMappingCommand,
  CreateDomainNameCommand,
  GetAccountCommand,
  UpdateAccountCommand,
  DeleteRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import { expect } from "chai";
import { ACCOUNT, document, REGION, toFunction, useGateway } from "../../support/api-gateway.ts";
import { deployRestApi, refusalOf } from "../../support/rest-api.ts";

const API = document({ "/records/{id}": { get: toFunction() } });

describe("a REST API reports", () => {
  const gateway = useGateway();

  it("each request to the access log of its stage, with `-` for what is unknown", async () => {
    await gateway().rest.send(
      new UpdateAccountCommand({
        patchOperations: [
          { op: "replace", path: "/cloudwatchRoleArn", value: `arn:aws:iam::${ACCOUNT}:role/logs` },
        ],
      }),
    );
    const account = await gateway().rest.send(new GetAccountCommand({}));
    expect(account.cloudwatchRoleArn).to.equal(`arn:aws:iam::${ACCOUNT}:role/logs`);
    const { path } = await deployRestApi(gateway(), API, {
      "/accessLogSettings/destinationArn": `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:calls:*`,
      "/accessLogSettings/format":
        '{"id":"$context.requestId","path":"$context.resourcePath","status":"$context.status","user":"$context.identity.user","error":"$context.error.responseType","why":"$context.integration.error"}',
    });
    const good = await gateway().ask(`${path}/records/7`);
    gateway().handler = () => ({ failed: true, payload: "{}" });
    await gateway().ask(`${path}/records/7`);

    const lines = gateway().logs.map(({ message }) => JSON.parse(message) as object);
    expect(gateway().logs.map(({ group }) => group)).to.deep.equal(["calls", "calls"]);
    expect(lines[0]).to.deep.equal({
      id: good.headers["x-amzn-requestid"],
      path: "/records/{id}",
      status: "200",
      user: "-",
      error: "-",
      why: "-",
    });
    expect(lines[1]).to.include({
      status: "502",
      error: "DEFAULT_5XX",
      why: "Lambda execution failed due to customer function error",
    });
  });

  it("counts, errors and latencies of API and stage, and of methods where the stage wants them", async () => {
    const { path } = await deployRestApi(gateway(), API, { "/*/*/metrics/enabled": "true" });
    await gateway().ask(`${path}/records/7`);
    await gateway().ask(`${path}/nowhere`);

    const of = (metricName: string, dimensions: object) =>
      gateway()
        .metrics.filter(
          (metric) =>
            metric.namespace === "AWS/ApiGateway" &&
            metric.metricName === metricName &&
            JSON.stringify(metric.dimensions) === JSON.stringify(dimensions),
        )
        .map(({ value }) => value);
    const api = { ApiName: "orders" };
    const stage = { ...api, Stage: "live" };
    expect(of("Count", api)).to.deep.equal([1, 1]);
    expect(of("4XXError", stage)).to.deep.equal([0, 1]);
    expect(of("5XXError", stage)).to.deep.equal([0, 0]);
    expect(of("Count", { ...stage, Method: "GET", Resource: "/records/{id}" })).to.deep.equal([1]);
    expect(of("Latency", stage)).to.have.length(2);
    expect(of("IntegrationLatency", stage), "nothing was called the second time").to.have.length(1);
  });

  it("under a domain of its own, whose base path is part of the event's path", async () => {
    const { id } = await deployRestApi(gateway(), API);
    const domainName = "api.shop.example";
    const { regionalDomainName } = await gateway().rest.send(
      new CreateDomainNameCommand({
        domainName,
        regionalCertificateArn: `arn:aws:acm:${REGION}:${ACCOUNT}:certificate/1`,
        endpointConfiguration: { types: ["REGIONAL"] },
      }),
    );
    expect(regionalDomainName).to.match(/^d-\w+\.execute-api\.eu-west-1\.amazonaws\.com$/);
    await gateway().rest.send(
      new CreateBasePathMappingCommand({
        domainName,
        restApiId: id,
        stage: "live",
        basePath: "v1",
      }),
    );
    const ask = (path: string) => gateway().ask(path, { headers: { host: domainName } });

    expect((await ask("/v1/records/7")).status).to.equal(200);
    expect(gateway().events[0]).to.include({ path: "/v1/records/7", resource: "/records/{id}" });
    expect((await ask("/v2/records/7")).json).to.deep.equal({ message: "Forbidden" });
    const removed = gateway().rest.send(new DeleteRestApiCommand({ restApiId: id }));
    expect(await refusalOf(removed)).to.match(/remove all base path mappings/);
  });
});
