/** The package is no dependency of the project: what is used of it, for the type checker. */
declare module "@aws-lambda-powertools/tracer" {
  // A file with an import of its own would declare no module.
  /* oxlint-disable typescript/consistent-type-imports */
  export const Tracer: new () => import("./service.ts").Tracer &
    import("../../../function/adapters/powertools-tracer.ts").PowertoolsTracer;
}
