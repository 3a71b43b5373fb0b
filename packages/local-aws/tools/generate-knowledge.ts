/**
 * Writes provider/knowledge.json: what the SDK does not say of its resource types. Run it after a newer
 * `@pulumi/aws` or `@aws-cdk/aws-service-spec`: `npm run generate --workspace packages/local-aws`.
 *
 * AWS publishes for CloudFormation which properties only a new resource can have ("create-only"), how ARNs
 * are formed and what identifies a resource. Types and properties are matched to the SDK's by their names;
 * where a documentation comment of the SDK says that a change replaces, that is taken too.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import type { Knowledge, KnownType } from "../provider/knowledge.ts";
import { sdkPackage, sdkResource, type SdkResource } from "../provider/sdk.ts";

const FILE = path.join(import.meta.dirname, "../provider/knowledge.json");

/** CloudFormation's service where it has another name than the SDK's module. */
const SERVICES: Readonly<Record<string, readonly string[]>> = {
  acm: ["certificatemanager"],
  alb: ["elasticloadbalancingv2"],
  amp: ["aps"],
  appautoscaling: ["applicationautoscaling"],
  cfg: ["config"],
  cloudwatch: ["cloudwatch", "logs", "events"],
  costexplorer: ["ce"],
  ebs: ["ec2"],
  ec2clientvpn: ["ec2"],
  ec2transitgateway: ["ec2"],
  ecrpublic: ["ecr"],
  elb: ["elasticloadbalancing"],
  inspector2: ["inspectorv2"],
  keyspaces: ["cassandra"],
  kinesis: ["kinesis", "kinesisfirehose", "kinesisanalytics"],
  lb: ["elasticloadbalancingv2"],
  macie2: ["macie"],
  mq: ["amazonmq"],
  mskconnect: ["kafkaconnect"],
  msk: ["msk"],
  opensearch: ["opensearchservice", "opensearchserverless"],
  opensearchingest: ["osis"],
  resourceexplorer: ["resourceexplorer2"],
  route53: ["route53", "route53resolver", "route53recoverycontrol", "route53recoveryreadiness"],
  route53recoverycontrol: ["route53recoverycontrol"],
  s3control: ["s3", "s3outposts"],
  schemas: ["eventschemas"],
  servicecatalog: ["servicecatalog", "servicecatalogappregistry"],
  sesv2: ["ses"],
  sfn: ["stepfunctions"],
  ssm: ["ssm", "ssmincidents", "ssmcontacts"],
  ssoadmin: ["sso"],
  timestreaminfluxdb: ["timestream"],
  timestreamwrite: ["timestream"],
  verifiedaccess: ["ec2"],
  vpc: ["ec2"],
};

/** CloudFormation's type where the name differs by more than case and the service's own prefix. */
const TYPES: Readonly<Record<string, string>> = {
  "aws:autoscaling/group:Group": "AWS::AutoScaling::AutoScalingGroup",
  "aws:cloudwatch/eventRule:EventRule": "AWS::Events::Rule",
  "aws:cloudwatch/eventBus:EventBus": "AWS::Events::EventBus",
  "aws:cloudwatch/eventArchive:EventArchive": "AWS::Events::Archive",
  "aws:cloudwatch/eventConnection:EventConnection": "AWS::Events::Connection",
  "aws:cloudwatch/eventApiDestination:EventApiDestination": "AWS::Events::ApiDestination",
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": "AWS::Logs::MetricFilter",
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": "AWS::Logs::SubscriptionFilter",
  "aws:cloudwatch/logDestination:LogDestination": "AWS::Logs::Destination",
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "AWS::Logs::ResourcePolicy",
  "aws:cloudwatch/metricAlarm:MetricAlarm": "AWS::CloudWatch::Alarm",
  "aws:codedeploy/deploymentConfig:DeploymentConfig": "AWS::CodeDeploy::DeploymentConfig",
  "aws:iam/policy:Policy": "AWS::IAM::ManagedPolicy",
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "AWS::IAM::OIDCProvider",
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream":
    "AWS::KinesisFirehose::DeliveryStream",
  "aws:lambda/functionUrl:FunctionUrl": "AWS::Lambda::Url",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig":
    "AWS::Lambda::EventInvokeConfig",
  "aws:rds/cluster:Cluster": "AWS::RDS::DBCluster",
  "aws:rds/instance:Instance": "AWS::RDS::DBInstance",
  "aws:rds/parameterGroup:ParameterGroup": "AWS::RDS::DBParameterGroup",
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": "AWS::RDS::DBClusterParameterGroup",
  "aws:rds/proxy:Proxy": "AWS::RDS::DBProxy",
  "aws:rds/subnetGroup:SubnetGroup": "AWS::RDS::DBSubnetGroup",
  "aws:route53/record:Record": "AWS::Route53::RecordSet",
  "aws:route53/zone:Zone": "AWS::Route53::HostedZone",
  "aws:s3/bucketPolicy:BucketPolicy": "AWS::S3::BucketPolicy",
  "aws:sns/topicSubscription:TopicSubscription": "AWS::SNS::Subscription",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "AWS::EC2::SecurityGroupEgress",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "AWS::EC2::SecurityGroupIngress",
};

/** Inputs of properties that the names do not tell; none where the SDK has no such input. */
const PROPERTIES: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "aws:acm/certificate:Certificate": {
    DomainValidationOptions: ["validationOptions"],
    CertificateExport: ["options"],
  },
  "aws:apigateway/apiKey:ApiKey": { GenerateDistinctId: [] },
  "aws:apigateway/deployment:Deployment": { DeploymentCanarySettings: [] },
  "aws:cloudwatch/eventArchive:EventArchive": { SourceArn: ["eventSourceArn"] },
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": { StatementId: [] },
  "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": { FilterName: ["name"] },
  "aws:dynamodb/globalTable:GlobalTable": {
    TableName: ["name"],
    KeySchema: [],
    LocalSecondaryIndexes: [],
  },
  "aws:dynamodb/table:Table": {
    ImportSourceSpecification: ["importTable"],
    KeySchema: ["hashKey", "rangeKey"],
  },
  "aws:ec2/flowLog:FlowLog": {
    ResourceId: ["vpcId", "subnetId", "eniId", "transitGatewayId"],
    ResourceType: [],
    LogGroupName: ["logDestination"],
    DeliverLogsPermissionArn: ["iamRoleArn"],
  },
  "aws:ec2/instance:Instance": {
    ElasticGpuSpecifications: [],
    ElasticInferenceAccelerators: [],
    HibernationOptions: ["hibernation"],
    ImageId: ["ami"],
    LicenseSpecifications: [],
    PrivateIpAddress: ["privateIp"],
  },
  "aws:ec2/keyPair:KeyPair": { KeyType: [], KeyFormat: [], PublicKeyMaterial: ["publicKey"] },
  "aws:ec2/networkInterface:NetworkInterface": { PrivateIpAddress: [] },
  "aws:ecs/service:Service": { Role: ["iamRole"] },
  "aws:ecs/taskDefinition:TaskDefinition": { InferenceAccelerators: [] },
  "aws:efs/accessPoint:AccessPoint": { ClientToken: [] },
  "aws:elasticache/parameterGroup:ParameterGroup": { CacheParameterGroupFamily: ["family"] },
  "aws:elasticache/replicationGroup:ReplicationGroup": {
    CacheSubnetGroupName: ["subnetGroupName"],
  },
  "aws:elasticache/subnetGroup:SubnetGroup": { CacheSubnetGroupName: ["name"] },
  "aws:kinesis/streamConsumer:StreamConsumer": { ConsumerName: ["name"] },
  "aws:lambda/functionUrl:FunctionUrl": { TargetFunctionArn: ["functionName"] },
  "aws:lambda/layerVersion:LayerVersion": {
    Content: ["code", "s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash"],
  },
  "aws:lambda/layerVersionPermission:LayerVersionPermission": {
    LayerVersionArn: ["layerName", "versionNumber"],
  },
  "aws:lb/loadBalancer:LoadBalancer": { Type: ["loadBalancerType"], Scheme: ["internal"] },
  "aws:rds/eventSubscription:EventSubscription": { SubscriptionName: ["name"] },
  "aws:route53/record:Record": { HostedZoneId: ["zoneId"], HostedZoneName: [] },
};

/** How the SDK's comments say that a change makes a new resource. */
const REPLACES =
  /forces? (?:a )?(?:new resource|replacement|recreation)|changing this (?:forces|creates)|new resource to be created/i;

interface CloudFormationType {
  readonly cloudFormationType: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, { readonly causesReplacement?: string }>>;
  readonly primaryIdentifier?: readonly string[];
  readonly arnTemplate?: string;
}

const normal = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** The input that a property of CloudFormation is, where the names tell. */
function inputFor(property: string, type: string, keys: readonly string[]): string | undefined {
  const byName = new Map(keys.map((key) => [normal(key), key]));
  const whole = normal(property);
  const without = whole.startsWith(normal(type)) ? whole.slice(normal(type).length) : whole;
  const forms = [whole, without, ...(without === whole ? [] : [without])].flatMap((form) => [
    form,
    `${form}s`,
    form.replace(/s$/, ""),
    form.replace(/y$/, "ies"),
    form.replace(/(?:name|id|arn)$/, ""),
    `${form}name`,
    `${form}id`,
    `${form}arn`,
  ]);
  return forms.flatMap((form) => byName.get(form) ?? []).at(0);
}

/** Every resource type of the SDK. */
function* tokens(): Generator<string> {
  const { folder } = sdkPackage();
  for (const service of readdirSync(folder, { withFileTypes: true })) {
    if (!service.isDirectory()) continue;
    for (const file of readdirSync(path.join(folder, service.name))) {
      if (!file.endsWith(".js")) continue;
      const text = readFileSync(path.join(folder, service.name, file), "utf8");
      const token = /__pulumiType = '(aws:[^']+)'/.exec(text)?.[1];
      if (token !== undefined) yield token;
    }
  }
}

function counterpartOf(token: string, all: readonly CloudFormationType[]) {
  const own = TYPES[token];
  if (own !== undefined) return all.find((type) => type.cloudFormationType === own);
  const [, module = "", name = ""] = token.split(":");
  const service = module.split("/", 1)[0] ?? "";
  const services = SERVICES[service] ?? [service];
  const matches = all.filter((type) => {
    const theirs = type.cloudFormationType.split("::")[1]?.toLowerCase() ?? "";
    if (!services.includes(theirs)) return false;
    const names = [name, name.replace(new RegExp(`^${service}`, "i"), "")].map(normal);
    return names.includes(normal(type.name));
  });
  return matches.length === 1 ? matches[0] : undefined;
}

/** Inputs whose documentation says that a change replaces. */
function documented(resource: SdkResource): string[] {
  return [...resource.inputs]
    .filter(([, { comment }]) => REPLACES.test(comment))
    .map(([key]) => key);
}

function arnOf(type: CloudFormationType, keys: readonly string[]): string | undefined {
  return type.arnTemplate?.replaceAll(/\$\{(\w+)\}/g, (_, placeholder: string) => {
    if (["Partition", "Region", "Account"].includes(placeholder)) {
      return `{${placeholder.toLowerCase()}}`;
    }
    const property = placeholder.replace(/WithoutLeadingSlash$/, "");
    return `{${/(?:id|uuid)$/i.test(property) ? "id" : (inputFor(property, type.name, keys) ?? "name")}}`;
  });
}

/** What the id is made of: the ARN, an input, or something that AWS draws (absent). */
function idOf(type: CloudFormationType, keys: readonly string[]): string | undefined {
  const [property, ...more] = type.primaryIdentifier ?? [];
  if (property === undefined || more.length > 0) return undefined;
  if (/arn$/i.test(property)) return "arn";
  return property in type.properties ? inputFor(property, type.name, keys) : undefined;
}

function generate(): { knowledge: Knowledge; counts: Readonly<Record<string, number>> } {
  const all = [...loadAwsServiceSpecSync().all("resource")] as unknown as CloudFormationType[];
  const types: Record<string, KnownType> = {};
  const counts = { types: 0, cloudFormation: 0, whole: 0, comments: 0, arns: 0 };
  for (const token of [...tokens()].sort()) {
    const resource = sdkResource(token);
    if (resource === undefined) continue;
    counts.types += 1;
    const keys = [...resource.inputs.keys()];
    const said = documented(resource);
    if (said.length > 0) counts.comments += 1;
    const type = counterpartOf(token, all);
    const createOnly = Object.entries(type?.properties ?? {})
      .filter(([, { causesReplacement }]) => causesReplacement === "yes")
      .flatMap(
        ([property]): readonly (string | undefined)[] =>
          PROPERTIES[token]?.[property] ?? [inputFor(property, type?.name ?? "", keys)],
      );
    const whole = type !== undefined && !createOnly.includes(undefined);
    if (type !== undefined) counts.cloudFormation += 1;
    if (whole) counts.whole += 1;
    const found = createOnly.filter((key) => key !== undefined);
    const replaceOn = [...new Set([...found, ...said])].sort();
    const arn = type && arnOf(type, keys);
    if (arn !== undefined) counts.arns += 1;
    const id = type && idOf(type, keys);
    const entry: KnownType = {
      ...((whole || replaceOn.length > 0) && { replaceOn }),
      ...(!whole && replaceOn.length > 0 && { partial: true as const }),
      ...(arn !== undefined && { arn }),
      ...(id !== undefined && { id }),
    };
    if (Object.keys(entry).length > 0) types[token] = entry;
  }
  return { knowledge: { sdk: sdkPackage().version, types }, counts };
}

const { knowledge, counts } = generate();
// One type a line, so that a newer version shows as the lines that changed.
const lines = Object.entries(knowledge.types).map(
  ([token, entry]) => `    ${JSON.stringify(token)}: ${JSON.stringify(entry)}`,
);
writeFileSync(
  FILE,
  `{\n  "sdk": ${JSON.stringify(knowledge.sdk)},\n  "types": {\n${lines.join(",\n")}\n  }\n}\n`,
);
console.log(JSON.stringify(counts));
