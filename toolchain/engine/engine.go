//go:build engine

// Package engine pins the Pulumi engine: the build takes its version, and the
// checksums of everything it is made of, from the go.mod and go.sum beside it.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
