package main

import (
	"flags/print"

	"k8s.io/kubernetes/cmd/kube-proxy/app"
)

func main() {
	print.Command(app.NewProxyCommand(), nil)
}
