package main

import (
	"flags/print"

	"sigs.k8s.io/apiserver-network-proxy/cmd/server/app/options"
)

func main() {
	print.Flags(options.NewProxyRunOptions().Flags())
}
