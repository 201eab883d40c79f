package main

import (
	"flags/print"

	"sigs.k8s.io/apiserver-network-proxy/cmd/agent/app/options"
)

func main() {
	print.Flags(options.NewGrpcProxyAgentOptions().Flags())
}
