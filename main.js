/**
 * Where Pulumi enters. The program is index.ts; a Node that cannot run TypeScript says so here, in one line.
 * This file is JavaScript, so that it runs on every Node that Pulumi itself runs on.
 */
import pulumi from "@pulumi/pulumi";

if (!process.features.typescript) {
  throw new pulumi.RunError(
    `Node ${process.versions.node} cannot run this program, which needs Node 22.18 or later; put that on the PATH, or let the project bring it: npm run pulumi -- preview --stack staging`,
  );
}

export default (await import("./index.ts")).default;
