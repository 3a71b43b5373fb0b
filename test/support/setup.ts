// Loaded by mocha before any test: the process is cut off from whatever this machine is logged in to.
import { isolateEnvironment } from "../../ops/offline/isolation.ts";

isolateEnvironment();
