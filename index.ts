/** The service, from its settings to what it tells the outside. */
import { getProject } from "@pulumi/pulumi";
import { createDomain } from "./function/domain/index.ts";
import { SMOKE_EVENTS } from "./function/domain/smoke-events.ts";
import { frontsEnvironment, openApi } from "./infra/api.ts";
import { openAccount } from "./infra/account.ts";
import { databaseEnvironment, openDatabase } from "./infra/database.ts";
import { buildArtifact } from "./infra/function/artifact.ts";
import { HOOK_BUILD } from "./infra/function/builds.ts";
import { bundled, neededFeatures } from "./infra/function/features.ts";
import { LambdaFunction } from "./infra/function.ts";
import { buildFunctions, makeFunctions } from "./infra/functions.ts";
import { Identity } from "./infra/identity.ts";
import { openNetwork } from "./infra/network.ts";
import { Observability } from "./infra/observability.ts";
import { optionEnvironment } from "./infra/options.ts";
import { stackOutputs } from "./infra/outputs.ts";
import { ownFunctions } from "./infra/own/functions.ts";
import { connectOwnResources, makeOwnResources } from "./infra/own/resources.ts";
import { Release } from "./infra/release.ts";
import { readSettings } from "./infra/settings.ts";
import { openSources, ownStreams } from "./infra/sources.ts";
import { Storage } from "./infra/storage.ts";

const settings = readSettings(ownFunctions);
const needed = neededFeatures(settings);
const handler = await buildArtifact({ needed });
const hook = await buildArtifact({ ...HOOK_BUILD, needed });
const artifacts = await buildFunctions(settings.functions);
const { provider, location } = await openAccount(settings);
const base = { settings, location };
const opts = { provider };

const identity = new Identity("identity", base, opts);
const { boundaryArn, codeSigningConfigArn, dataKeyArn: keyArn } = identity;
const storage = new Storage("storage", { ...base, keyArn }, opts);
const alarmsKeyArn = keyArn ?? identity.alarmsKeyArn;
const { bucketName } = storage;
const built = { ...base, boundaryArn, codeSigningConfigArn, keyArn, bucketName };
const vpc = await openNetwork(built, opts);
const metricsNamespace = getProject();
const database = openDatabase({ settings, keyArn }, opts);
const own = makeOwnResources(base, opts);
const api = openApi({ ...base, keyArn, routes: createDomain().routes ?? [] }, opts);
const environment = {
  ...optionEnvironment(settings),
  ...databaseEnvironment(database, own.environment),
  ...own.environment,
  ...frontsEnvironment(api, own.environment),
};
const lambda = new LambdaFunction(
  "function",
  { ...built, handler, vpc, metricsNamespace, environment },
  opts,
);
const { apiLogsPolicy: logsPolicy } = identity;
const front = api && { id: api.id, url: api.open({ alias: lambda.alias, logsPolicy }) };
const observability = new Observability(
  "observability",
  { ...built, alarmsKeyArn, metricsNamespace, lambda, apiId: front?.id },
  opts,
);
const release = new Release(
  "release",
  { ...built, hook, observability, smokeEvents: bundled(SMOKE_EVENTS, needed).length },
  opts,
);
const sources = openSources(
  {
    ...base,
    boundaryArn,
    aliasArn: lambda.aliasArn,
    streams: { ...ownStreams(own), ...database?.streams },
    taken: Object.keys(createDomain().sources ?? {}),
  },
  opts,
);
const { destinations } = observability;
const functions = makeFunctions(
  artifacts,
  { ...built, vpc, metricsNamespace, alarmsKeyArn, destinations },
  opts,
);
const connected = { ...base, functions };
connectOwnResources(lambda, own, connected, opts);

export default stackOutputs({
  ...base,
  identity,
  storage,
  lambda,
  observability,
  release,
  sources,
  database,
  api: front,
  functions,
});
