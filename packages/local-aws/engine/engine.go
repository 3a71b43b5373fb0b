//go:build tools

// Package engine pins the Pulumi engine that is built where no official one can be had.
// The pin is go.mod with its sums; sources.ts says how it is built.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
