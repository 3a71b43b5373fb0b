/** What it means that the local cloud does not make a resource, for the types where somebody may wait for it. */

const NO_HTTP = "nothing answers at its address; invoke the function instead";
const NO_METHOD =
  "a REST API answers here as its OpenAPI body says; describe the method in the body of the RestApi";
const NO_EVENTS = "it will never call the function; invoke the function with such an event instead";
const NO_SCALING = "nothing changes how many environments are kept warm";
const NO_READER = "nobody here would look at it";

const CONSEQUENCES: Readonly<Record<string, string>> = {
  "aws:apigateway/method:Method": NO_METHOD,
  "aws:apigateway/integration:Integration": NO_METHOD,
  "aws:apigateway/authorizer:Authorizer": NO_METHOD,
  "aws:cloudfront/distribution:Distribution": NO_HTTP,
  "aws:lambda/functionUrl:FunctionUrl": NO_HTTP,
  "aws:lb/loadBalancer:LoadBalancer": NO_HTTP,
  "aws:s3/bucketNotification:BucketNotification": NO_EVENTS,
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": NO_EVENTS,
  "aws:pipes/pipe:Pipe": NO_EVENTS,
  "aws:kinesis/stream:Stream": "calls to the stream fail, because there is none",
  "aws:rds/cluster:Cluster": "there is no database to connect to",
  "aws:rds/instance:Instance": "there is no database to connect to",
  "aws:secretsmanager/secret:Secret": "reading the secret fails, because there is none",
  "aws:secretsmanager/secretVersion:SecretVersion":
    "reading the secret fails, because there is none",
  "aws:ssm/parameter:Parameter": "reading the parameter fails, because there is none",
  "aws:sfn/stateMachine:StateMachine": "no execution of it can be started",
  "aws:lambda/layerVersion:LayerVersion": "functions run without the layer",
  "aws:appautoscaling/target:Target": NO_SCALING,
  "aws:appautoscaling/policy:Policy": NO_SCALING,
  "aws:appautoscaling/scheduledAction:ScheduledAction": NO_SCALING,
  "aws:budgets/budget:Budget": NO_READER,
};

/** The types that somebody may wait for. */
export const MISSED_TYPES: readonly string[] = Object.keys(CONSEQUENCES);

/** What follows for whoever uses a resource of this type, as a clause. */
export const consequenceOf = (type: string): string =>
  CONSEQUENCES[type] ?? "it is a name in Pulumi's state alone, and whatever calls it finds nothing";
