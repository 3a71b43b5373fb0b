// Loaded by mocha before any test: the process is cut off from whatever this machine is logged in to.
for (const name of Object.keys(process.env)) {
  if (name.startsWith("AWS_") || name.startsWith("PULUMI_")) delete process.env[name];
}
