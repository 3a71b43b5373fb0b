// Loaded by mocha before any test: the process is cut off from whatever this machine is logged in to.
import { isolateEnvironment } from "local-aws/provider/isolation.ts";

export { mochaGlobalSetup, mochaGlobalTeardown } from "local-aws/testing/shared-emulator.ts";

isolateEnvironment();
