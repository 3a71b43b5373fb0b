import { expect } from "chai";
import { apiUrl, curlLine, localApi } from "../../../local/cloud/api.ts";

const AWS = { AWS_ENDPOINT_URL: "http://127.0.0.1:1234" };

describe("the local cloud's API", () => {
  it("is called by this machine's path, with the stage that a REST API has", () => {
    expect(apiUrl(AWS, { api: "rest" }, "abc")).to.equal("http://127.0.0.1:1234/_api/abc/live");
    expect(apiUrl(AWS, { api: "http" }, "abc")).to.equal("http://127.0.0.1:1234/_api/abc");
  });

  it("is tried by a line that opens it as config says", () => {
    const opener = (apiAuthorization: "iam" | "key" | "jwt" | "none") =>
      curlLine({ apiAuthorization });
    expect(opener("none")).to.match(/^curl( -X \w+)? "\$API_URL\/[^"{]+"/);
    expect(opener("iam")).to.include(
      '--aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
    );
    expect(opener("key")).to.include('"x-api-key: $API_KEY"');
    expect(opener("jwt")).to.include("Bearer $(curl -s");
  });

  it("is nothing where the stack has none", async () => {
    const settings = { api: "none", apiAuthorization: "iam" } as const;
    expect(await localApi(AWS, settings, {})).to.equal(undefined);
  });
});
