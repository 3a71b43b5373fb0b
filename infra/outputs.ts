/** What one stack tells the outside: the commands in `ops` read nothing else. */
export interface StackOutputs {
  /** The stack's name, for example `staging`. */
  readonly environment: string;
  readonly serviceName: string;
  readonly region: string;
  readonly accountId: string;
  readonly functionName: string;
  /** The version that the last `pulumi up` published; the alias may still be behind it. */
  readonly functionVersion: string;
  /** Always `live`. */
  readonly aliasName: string;
  readonly aliasArn: string;
  readonly logGroupName: string;
  readonly deadLetterQueueUrl: string;
  readonly deadLetterQueueArn: string;
  readonly artifactsBucketName: string;
  /** Key of the zip that the newest version was made from. */
  readonly artifactKey: string;
  readonly deployRoleArn: string;
  readonly codeDeployApplicationName: string;
  readonly deploymentGroupName: string;
  /** Full name, for example `CodeDeployDefault.LambdaAllAtOnce`. */
  readonly deploymentConfigName: string;
  /** The pre-traffic hook. */
  readonly hookFunctionName: string;
  /** Calls that the new version must have answered during a canary; fewer judge nothing. */
  readonly canaryMinimumInvocations: number;
  /** What a release does when there is too little traffic to judge a canary by. */
  readonly lowTraffic: "synthetic" | "extend" | "refuse";
  /** Alarms that stop and roll back a release. */
  readonly releaseAlarmNames: readonly string[];
  /** All alarms of the stack. */
  readonly alarmNames: readonly string[];
}
