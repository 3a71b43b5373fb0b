/** Secrets Manager and Parameter Store as the handler sees them, on loopback, for `npm run invoke`. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Answers for these secrets, value by name, while `work` runs; every other one does not exist. `work` gets the
 * variables that lead a handler's calls here: none where there are no secrets.
 */
export async function withServedSecrets(
  values: Readonly<Record<string, string>>,
  work: (variables: Readonly<Record<string, string>>) => Promise<void>,
): Promise<void> {
  if (Object.keys(values).length === 0) return work({});
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { status, body } = answer(
        String(request.headers["x-amz-target"]),
        Buffer.concat(chunks).toString(),
        values,
      );
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await work({
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
      AWS_ENDPOINT_URL_SSM: url,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
    });
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

function answer(
  target: string,
  input: string,
  values: Readonly<Record<string, string>>,
): { readonly status: number; readonly body: object } {
  const { SecretId, VersionStage, Name } = JSON.parse(input) as Readonly<Record<string, string>>;
  const isParameter = target === "AmazonSSM.GetParameter";
  const name = (isParameter ? Name : SecretId) ?? "";
  const value = VersionStage === "AWSPENDING" ? undefined : values[name];
  if (value === undefined) {
    const type = isParameter ? "ParameterNotFound" : "ResourceNotFoundException";
    return { status: 400, body: { __type: type, message: `there is no ${name} here` } };
  }
  return {
    status: 200,
    body: isParameter
      ? { Parameter: { Name: name, Value: value } }
      : { Name: name, SecretString: value, VersionStages: ["AWSCURRENT"] },
  };
}
