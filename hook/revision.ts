/** The AppSpec of a deployment. GetDeployment names it by its hash only; its text is the revision's. */
import {
  type CodeDeployClient,
  type DeploymentInfo,
  GetApplicationRevisionCommand,
  type RevisionLocation,
} from "@aws-sdk/client-codedeploy";
import { type AppSpec, readAppSpec } from "./app-spec.ts";

const contentOf = ({ appSpecContent, string }: RevisionLocation = {}): string | undefined =>
  appSpecContent?.content ?? string?.content;

/** `undefined` when the deployment is not one of a Lambda function in JSON. */
export async function deployedAppSpec(
  client: CodeDeployClient,
  { applicationName, revision }: DeploymentInfo,
): Promise<AppSpec | undefined> {
  const content = contentOf(revision);
  if (content !== undefined || !revision) return readAppSpec(content);
  const registered = await client.send(
    new GetApplicationRevisionCommand({ applicationName, revision }),
  );
  return readAppSpec(contentOf(registered.revision));
}
