// Loaded by mocha before any test: the process is cut off from whatever this machine is logged in to.
import { isolateEnvironment } from "../../provider/isolation.ts";

export { mochaGlobalSetup, mochaGlobalTeardown } from "../../testing/shared-emulator.ts";

isolateEnvironment();
