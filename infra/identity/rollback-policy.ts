/**
 * What a rollback in an emergency may do: move the alias to a version that is there, stop the deployment that moves
 * it the other way, record why, and call the service once afterwards. It needs nobody's approval, so it has nothing
 * else: no state, no secret, no code, no setting.
 */
import type { AwsLocation } from "../arns.ts";
import { optionRoleRights } from "../options.ts";
import type { Settings } from "../settings/parse.ts";
import { allow, ANY, of, type PolicyDocument, policy } from "./document.ts";
import { inOwnAccount, targets } from "./targets.ts";

export function rollbackPolicy(location: AwsLocation, settings: Settings): PolicyDocument {
  const on = targets(location, settings);
  return policy(
    allow("Alias", of("lambda", "GetAlias", "UpdateAlias"), [...on.handler, ...on.versions]),
    allow("Versions", of("lambda", "ListVersionsByFunction"), on.handler),
    allow("Call", of("lambda", "InvokeFunction"), on.versions),
    allow(
      "Deployments",
      of("codedeploy", "BatchGetDeployments", "GetDeployment", "ListDeployments"),
      on.deploymentGroup,
    ),
    // IAM knows no resource for this one.
    allow("StopDeployment", of("codedeploy", "StopDeployment"), ANY),
    allow("Records", of("s3", "GetObject", "PutObject"), on.releaseRecords, inOwnAccount(location)),
    // Without it, S3 answers that a record which is not there is forbidden.
    allow("FindRecords", of("s3", "ListBucket"), on.bucket, inOwnAccount(location)),
    ...optionRoleRights("rollback", location, settings),
  );
}
