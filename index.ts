/** The service, from its settings to what it tells the outside. */
import { getProject } from "@pulumi/pulumi";
import { openAccount } from "./infra/account.ts";
import { buildArtifact } from "./infra/function/artifact.ts";
import { LambdaFunction } from "./infra/function.ts";
import { Identity } from "./infra/identity.ts";
import { openNetwork } from "./infra/network.ts";
import { Observability } from "./infra/observability.ts";
import { readSettings } from "./infra/settings.ts";
import { Storage } from "./infra/storage.ts";

const settings = readSettings();
const artifact = await buildArtifact();
const { provider, place } = await openAccount(settings);
const opts = { provider };

const { boundaryArn, deployRoleArn } = new Identity("identity", { settings, place }, opts);
const { bucketName } = new Storage("storage", { settings, place }, opts);
const vpc = await openNetwork(settings, place, opts);
const metricsNamespace = getProject();
const service = new LambdaFunction(
  "function",
  { settings, place, boundaryArn, bucketName, artifact, vpc, metricsNamespace },
  opts,
);
const { alarmNames } = new Observability("observability", { settings }, opts);

export const { functionName, version: functionVersion, aliasArn } = service;
export { deployRoleArn, alarmNames };
