/** The service's secrets in the local cloud, where an administrator would have put them in an account. */

type Environment = Readonly<Record<string, string>>;

/** Writes them, value by name, over what is there. `environment` leads to the local cloud as it leads commands. */
export async function putSecrets(
  values: Readonly<Record<string, string>>,
  environment: Environment,
): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith("/")) {
      const input = { Name: name, Value: value, Type: "SecureString", Overwrite: true };
      await call(environment, "ssm", "AmazonSSM.PutParameter", input);
      continue;
    }
    const made = await call(environment, "secretsmanager", "secretsmanager.CreateSecret", {
      Name: name,
      SecretString: value,
    }).catch(() => false);
    if (made) continue;
    const input = { SecretId: name, SecretString: value };
    await call(environment, "secretsmanager", "secretsmanager.PutSecretValue", input);
  }
}

/** The emulator reads the account off the key's id, and checks no signature. */
async function call(
  environment: Environment,
  service: string,
  target: string,
  input: object,
): Promise<true> {
  const region = environment["AWS_REGION"] ?? "";
  const scope = `${environment["AWS_ACCESS_KEY_ID"]}/20260101/${region}/${service}/aws4_request`;
  const response = await fetch(environment["AWS_ENDPOINT_URL"] ?? "", {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": target,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=local`,
    },
    body: JSON.stringify(input),
  });
  if (response.ok) return true;
  throw new Error(`the local cloud refused ${target}: HTTP ${response.status}`);
}
