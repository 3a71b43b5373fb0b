import { expect } from "chai";
import { renderGraph, withGraph } from "../../../local/preview/graph.ts";
import type { StateResource } from "local-aws/provider/operation.ts";

const urn = (type: string, name: string) => `urn:pulumi:staging::demo::${type}::${name}`;

const resource = (
  type: string,
  name: string,
  uses: readonly StateResource[] = [],
  parent?: StateResource,
): StateResource => ({
  urn: urn(type, name),
  type,
  dependencies: uses.map((used) => used.urn),
  ...(parent && { parent: parent.urn }),
});

describe("the picture of resources", () => {
  const storage = resource("demo:infra:Storage", "storage");
  const bucket = resource("aws:s3/bucket:Bucket", "artifacts", [], storage);
  const policy = resource("aws:s3/bucketPolicy:BucketPolicy", "privacy", [bucket], storage);
  const zip = resource("aws:s3/bucketObjectv2:BucketObjectv2", "zip", [bucket, policy], storage);
  const lambda = resource("aws:lambda/function:Function", "handler", [zip, bucket]);
  const state = [lambda, zip, policy, bucket, storage];

  it("has a box a component and a node a resource; what configures another is part of its node", () => {
    expect(renderGraph(state).split("\n")).to.deep.equal([
      "flowchart LR",
      "  subgraph storage",
      '    s3_Bucket_artifacts["<b>artifacts</b><br/>s3 Bucket<br/>policy"]',
      '    s3_BucketObjectv2_zip["<b>zip</b><br/>s3 BucketObjectv2"]',
      "  end",
      '  lambda_Function_handler["<b>handler</b><br/>lambda Function"]',
      "  lambda_Function_handler --> s3_BucketObjectv2_zip",
      "  s3_BucketObjectv2_zip --> s3_Bucket_artifacts",
    ]);
  });

  it("is the same in whatever order the state lists the resources", () => {
    expect(renderGraph(state.toReversed())).to.equal(renderGraph(state));
  });

  it("goes between the markers, and leaves the rest of the document alone", () => {
    const document = "# Title\n<!-- graph:begin -->\nold\n<!-- graph:end -->\nafter\n";
    const drawn = withGraph(document, "flowchart LR");

    expect(drawn).to.equal(
      "# Title\n<!-- graph:begin -->\n```mermaid\nflowchart LR\n```\n<!-- graph:end -->\nafter\n",
    );
    expect(withGraph(drawn, "flowchart LR")).to.equal(drawn);
    expect(() => withGraph("# Title\n", "flowchart LR")).to.throw("lacks");
  });
});
