/** What a Lambda service commonly adds, in AWS's own forms. */
import {
  dnsSuffix,
  type Override,
  digits,
  regionalArn,
  type Resource,
  text,
  uuid,
} from "../aws-types.ts";

const apiId = ({ logicalName, previous }: Resource): string =>
  text(previous ?? {}, "id") || digits(`api/${logicalName}`, 10);

/** An ARN as given, or that of the function of this name. */
const functionArn = ({ location, inputs }: Resource): string => {
  const named = text(inputs, "functionName");
  return named.startsWith("arn:") ? named : regionalArn(location, "lambda", `function:${named}`);
};

const secretArn = ({ location, inputs, logicalName }: Resource): string =>
  regionalArn(
    location,
    "secretsmanager",
    `secret:${text(inputs, "name")}-${digits(`secret/${logicalName}`, 6)}`,
  );

const keyId = ({ logicalName, previous }: Resource): string =>
  text(previous ?? {}, "id") || uuid(`key/${logicalName}`);

/** A stream is named by the moment that it was switched on (DynamoDB API reference, TableDescription). */
const STREAM_LABEL = "2026-01-01T00:00:00.000";

const tableArn = ({ location, inputs }: Resource): string =>
  regionalArn(location, "dynamodb", `table/${text(inputs, "name")}`);
/** Where an API of either kind is called, without the path of its stage. */
const executeApiUrl = ({ location }: Resource, id: string): string =>
  `https://${id}.execute-api.${location.region}.${dnsSuffix(location)}`;

export const serverless: Readonly<Record<string, Override>> = {
  "aws:apigateway/restApi:RestApi": {
    id: apiId,
    computed: (resource) => ({
      executionArn: regionalArn(resource.location, "execute-api", apiId(resource)),
      rootResourceId: digits(`root/${resource.logicalName}`, 10),
    }),
  },
  // Another trigger makes another deployment: that is what they are for.
  "aws:apigateway/deployment:Deployment": { replaceOn: ["restApi", "triggers", "variables"] },
  "aws:apigateway/stage:Stage": {
    computed: (resource) => {
      const { location, inputs } = resource;
      const id = text(inputs, "restApi");
      const stage = text(inputs, "stageName");
      return {
        executionArn: regionalArn(location, "execute-api", `${id}/${stage}`),
        invokeUrl: `${executeApiUrl(resource, id)}/${stage}`,
      };
    },
  },
  "aws:apigatewayv2/api:Api": {
    id: apiId,
    computed: (resource) => {
      const { location } = resource;
      const host = `${apiId(resource)}.execute-api.${location.region}.${dnsSuffix(location)}`;
      const scheme = text(resource.inputs, "protocolType") === "WEBSOCKET" ? "wss" : "https";
      return {
        apiEndpoint: `${scheme}://${host}`,
        executionArn: regionalArn(location, "execute-api", apiId(resource)),
      };
    },
  },
  "aws:dynamodb/table:Table": {
    computed: (resource) => {
      const isStreamed = resource.inputs["streamEnabled"] === true;
      return {
        streamArn: isStreamed ? `${tableArn(resource)}/stream/${STREAM_LABEL}` : "",
        streamLabel: isStreamed ? STREAM_LABEL : "",
      };
    },
    // Another view is another stream.
    renewed: (changed) =>
      changed.some((key) => key === "streamEnabled" || key === "streamViewType")
        ? ["streamArn", "streamLabel"]
        : [],
  },
  "aws:kms/key:Key": {
    id: keyId,
    computed: (resource) => ({
      keyId: keyId(resource),
      arn: regionalArn(resource.location, "kms", `key/${keyId(resource)}`),
    }),
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    computed: (resource) => ({ functionArn: functionArn(resource), state: "Enabled" }),
  },
  "aws:lambda/functionUrl:FunctionUrl": {
    id: functionArn,
    computed: (resource) => {
      const { location, logicalName } = resource;
      const urlId = digits(`url/${logicalName}`, 32);
      return {
        functionArn: functionArn(resource),
        urlId,
        functionUrl: `https://${urlId}.lambda-url.${location.region}.on.aws/`,
      };
    },
  },
  "aws:secretsmanager/secret:Secret": {
    id: secretArn,
    computed: (resource) => ({ arn: secretArn(resource) }),
  },
};
