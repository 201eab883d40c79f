package main

import (
	"flags/print"

	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	print.Command(app.NewAPIServerCommand())
}
