/** What costs nothing by itself. Whatever is neither here nor priced is reported as not priced. */

/** Services all of whose resources are free. */
const FREE_SERVICES: readonly string[] = [
  "budgets",
  "chatbot",
  "codedeploy",
  "costexplorer",
  "iam",
  "resourcegroups",
  // "There is no additional charge for using AWS Signer or code signing for AWS Lambda" (Lambda guide).
  "signer",
  "xray",
];

/** Types that are settings of others, or are paid for by what goes through them and is priced there. */
const FREE_TYPES: readonly string[] = [
  "aws:appautoscaling/scheduledAction:ScheduledAction",
  "aws:appautoscaling/target:Target",
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
  "aws:cloudwatch/eventPermission:EventPermission",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
  "aws:cloudwatch/queryDefinition:QueryDefinition",
  "aws:dynamodb/resourcePolicy:ResourcePolicy",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  "aws:ec2/eipAssociation:EipAssociation",
  "aws:kms/alias:Alias",
  "aws:kms/keyPolicy:KeyPolicy",
  "aws:lambda/alias:Alias",
  "aws:lambda/codeSigningConfig:CodeSigningConfig",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
  "aws:lambda/functionUrl:FunctionUrl",
  "aws:lambda/permission:Permission",
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
  "aws:rds/proxyTarget:ProxyTarget",
  "aws:scheduler/scheduleGroup:ScheduleGroup",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
  "aws:sqs/redrivePolicy:RedrivePolicy",
  "aws:ssm/serviceSetting:ServiceSetting",
  "aws:wafv2/webAclAssociation:WebAclAssociation",
];

/** Parts of a bucket, a secret, a network or an API that are paid for with the whole. */
const FREE_FORMS: readonly RegExp[] = [
  /^aws:s3\/bucket(?!:Bucket$)/,
  /^aws:s3\/bucketObject/,
  /^aws:secretsmanager\/secret(?!:Secret$)/,
  /^aws:ec2\/(vpc|subnet|route|routeTable|routeTableAssociation|internetGateway|egressOnlyInternetGateway|securityGroup|securityGroupRule|mainRouteTableAssociation|networkAcl|networkAclRule|networkAclAssociation|vpcDhcpOptions|vpcEndpoint\w+):/,
  /^aws:vpc\/securityGroup\w+Rule:/,
  /^aws:apigateway\/(account|apiKey|authorizer|basePathMapping|deployment|documentationPart|documentationVersion|gatewayResponse|integration|integrationResponse|method|methodResponse|methodSettings|model|requestValidator|resource|restApiPolicy|restApiPut|usagePlan|usagePlanKey|domainName):/i,
  /^aws:apigatewayv2\/(?!api:)/,
];

export const isFree = (type: string): boolean =>
  FREE_SERVICES.includes(type.slice("aws:".length).split("/", 1)[0] ?? "") ||
  FREE_TYPES.includes(type) ||
  FREE_FORMS.some((form) => form.test(type));
